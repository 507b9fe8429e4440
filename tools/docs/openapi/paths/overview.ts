import { anyKey, headerRefs } from '../components';
import { errorResponses, keyErrors } from '../errors';
import { named } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';

const example = {
  version: '0.2.0',
  temporalUi: { url: 'http://127.0.0.1:8233', namespace: 'default' },
  isAdmin: true,
  urls: { queued: 41_200, running: 640, retrying: 310 },
  openBatches: 3,
  throughput: [{ minute: '2026-03-02T09:30:00.000Z', finished: 11_830, failed: 12 }],
  workers: [
    {
      id: '5d0b6a1e-3f0c-4c52-9d3b-0a4f6d1c7e88',
      seenAt: '2026-03-02T09:30:04.512Z',
      isAlive: true,
      features: { hasBrowser: true, proxies: [{ tier: 'premium', country: 'de' }] },
      fetches: { inFlight: 640, limit: 972 },
    },
  ],
  receiversInTrouble: 0,
  credits: { used: 120_400, reserved: 42_150 },
};

/** `GET /overview`. */
export const overviewPaths = (): Record<string, Node> => ({
  '/overview': {
    get: {
      operationId: 'getOverview',
      summary: 'What goes on',
      description:
        'Of the key that asks; an admin key sees the whole installation. It may be polled every two seconds: a process reads it once a second for all who ask with the same key.',
      tags: ['Account'],
      security: anyKey,
      responses: {
        '200': {
          description: 'What goes on now.',
          headers: headerRefs({}),
          content: { 'application/json': { schema: ref('Overview'), examples: named({ installation: example }) } },
        },
        ...errorResponses('problem', keyErrors),
      },
    },
  },
});
