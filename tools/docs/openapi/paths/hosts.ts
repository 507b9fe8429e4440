import { anyKey, headerRefs } from '../components';
import { errorResponses, keyErrors } from '../errors';
import { hostExample, named } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';

/** `GET /hosts/{host}`. */
export const hostPaths = (): Record<string, Node> => ({
  '/hosts/{host}': {
    get: {
      operationId: 'getHost',
      summary: 'How a target host is treated, and why',
      description:
        'Limits and rests are of the whole installation, whichever keys have the host fetched. The delay that a robots.txt asks for, which workers keep in memory, is not in it. How proxies do is what workers noted every 20 seconds.',
      tags: ['Service'],
      security: anyKey,
      parameters: [
        {
          name: 'host',
          in: 'path',
          required: true,
          description: 'A host name or an address (IPv6 in brackets), without scheme, port and path.',
          schema: { type: 'string', minLength: 1 },
          examples: named({ host: hostExample.host }),
        },
      ],
      responses: {
        '200': {
          description: 'What is known of the host. One that nobody has had fetched has its limits all the same.',
          headers: headerRefs({}),
          content: { 'application/json': { schema: ref('Host'), examples: named({ host: hostExample }) } },
        },
        ...errorResponses('problem', keyErrors),
      },
    },
  },
});
