import { ReplayRequest } from '../../../../src/jobs/webhook-requests';
import { anyKey, headerRefs } from '../components';
import { bodyErrors, errorResponses, keyErrors } from '../errors';
import { CALLBACK, deliveryExamples, named } from '../examples';
import { deliveryFilterNotes } from '../field-notes';
import { propertiesOf, ref } from '../json-schema';
import type { Node } from '../json-schema';

const tags = ['Webhooks'];
const security = anyKey;

const json = (schema: Node, examples: Readonly<Record<string, unknown>>): Node => ({
  'application/json': { schema, examples: named(examples) },
});

const { test } = deliveryExamples;
const secretExample = { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwkSyN2rJ2mvI=' };

/** Body of a replay, which has the parameters of the list and the fields of its own schema. */
const replayBody = (): Node => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(propertiesOf(ReplayRequest)).map(([name, schema]) => [
      name,
      {
        description: `${deliveryFilterNotes[name]}${name === 'status' ? ' Without it: failed and stopped.' : ''}`,
        ...schema,
      },
    ]),
  ),
  required: ['since'],
});

const callPaths = (): Record<string, Node> => ({
  '/webhooks/replay': {
    post: {
      operationId: 'replayDeliveries',
      summary: 'Make the callbacks of a range once more',
      description: 'Test calls are left out.',
      tags,
      security,
      requestBody: {
        required: true,
        content: json(replayBody(), {
          lost: { since: '2026-03-02T09:00:00Z' },
          all: {
            since: '2026-03-02T09:00:00Z',
            until: '2026-03-02T12:00:00Z',
            status: ['delivered', 'failed', 'stopped'],
            endpoint: CALLBACK,
          },
        }),
      },
      responses: {
        '202': {
          description: 'They are pending again.',
          headers: headerRefs({}),
          content: json(ref('Replayed'), { some: { replayed: 128 } }),
        },
        ...errorResponses('problem', [...keyErrors, ...bodyErrors]),
      },
    },
  },
  '/webhooks/test': {
    post: {
      operationId: 'testWebhook',
      summary: 'Make a test call',
      description: 'One call, whatever comes of it. It waits behind no other callback.',
      tags,
      security,
      requestBody: {
        required: true,
        content: json(
          { type: 'object', properties: { url: ref('TargetUrl') }, required: ['url'] },
          { receiver: { url: CALLBACK } },
        ),
      },
      responses: {
        '202': {
          description: 'The delivery; `GET /webhooks/deliveries/{id}` tells what became of it.',
          headers: headerRefs({ Location: 'DeliveryLocation' }),
          content: json(ref('Delivery'), { test }),
        },
        ...errorResponses('problem', [
          'invalid_url',
          'forbidden_target',
          'too_many_unfinished',
          ...keyErrors,
          ...bodyErrors,
        ]),
      },
    },
  },
});

const secretPaths = (): Record<string, Node> => {
  const responses = (description: string, example: Node, errors = keyErrors): Node => ({
    '200': {
      description,
      headers: headerRefs({}),
      content: json(ref('WebhookSecret'), { secret: example }),
    },
    ...errorResponses('problem', errors),
  });
  return {
    '/webhooks/secret': {
      get: {
        operationId: 'getWebhookSecret',
        summary: 'What callbacks are signed with',
        tags,
        security,
        responses: responses('The secret of the key.', secretExample),
      },
    },
    '/webhooks/secret/rotate': {
      post: {
        operationId: 'rotateWebhookSecret',
        summary: 'A new secret',
        description:
          'For 24 hours calls carry two signatures: by the new secret and by the one before it. The one before that counts no longer.',
        tags,
        security,
        responses: responses('The new secret.', { ...secretExample, previousValidUntil: '2026-03-03T09:30:00.011Z' }, [
          ...keyErrors,
          ...bodyErrors,
        ]),
      },
    },
  };
};

/** `/webhooks/…` without the log. */
export const webhookPaths = (): Record<string, Node> => ({ ...callPaths(), ...secretPaths() });
