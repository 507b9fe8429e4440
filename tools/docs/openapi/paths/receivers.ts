import { ReceiverQuery } from '../../../../src/jobs/receiver-object-schema';
import { anyKey, headerRefs } from '../components';
import { errorResponses, keyErrors } from '../errors';
import { RECEIVER_ID, named, receiverExamples } from '../examples';
import { receiverFilterNotes } from '../field-notes';
import { propertiesOf, ref } from '../json-schema';
import type { Node } from '../json-schema';

const tags = ['Webhooks'];
const security = anyKey;

const listParameters = (): Node[] =>
  Object.entries(propertiesOf(ReceiverQuery)).map(([name, schema]) => ({
    name,
    in: 'query',
    description: receiverFilterNotes[name],
    // In a query everything is text.
    schema: name === 'limit' ? { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } : schema,
    ...(name === 'health' && { examples: named({ trouble: 'probing' }) }),
  }));

const { listed, probing } = receiverExamples;

/** `/webhooks/receivers…`. */
export const receiverPaths = (): Record<string, Node> => ({
  '/webhooks/receivers': {
    get: {
      operationId: 'listReceivers',
      summary: 'Where callbacks go, and how these receivers do',
      description: 'A receiver is gone when it had no callback in the whole retention. Test calls are not in it.',
      tags,
      security,
      parameters: listParameters(),
      responses: {
        '200': {
          description: 'A page of receivers.',
          headers: headerRefs({ Link: 'NextPage' }),
          content: {
            'application/json': { schema: ref('ReceiverPage'), examples: named({ page: { items: [listed] } }) },
          },
        },
        ...errorResponses('problem', keyErrors),
      },
    },
  },
  '/webhooks/receivers/{id}': {
    get: {
      operationId: 'getReceiver',
      summary: 'One receiver with its URLs in trouble',
      description:
        '`GET /webhooks/deliveries?endpoint=<origin>` lists its callbacks, and `POST /webhooks/replay` with `endpoint` makes them once more.',
      tags,
      security,
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: 'Id of the receiver. That of another key does not exist.',
          schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
          examples: named({ receiver: RECEIVER_ID }),
        },
      ],
      responses: {
        '200': {
          description: 'The receiver.',
          headers: headerRefs({}),
          content: { 'application/json': { schema: ref('Receiver'), examples: named({ probing }) } },
        },
        ...errorResponses('problem', keyErrors),
      },
    },
  },
});
