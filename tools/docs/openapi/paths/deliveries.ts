import { DeliveryQuery } from '../../../../src/jobs/webhook-requests';
import { anyKey, headerRefs } from '../components';
import { bodyErrors, errorResponses, keyErrors } from '../errors';
import { BATCH_ID, CALLBACK, DELIVERY_ID, JOB_ID, deliveryExamples, named } from '../examples';
import { deliveryFilterNotes } from '../field-notes';
import { propertiesOf, ref } from '../json-schema';
import type { Node } from '../json-schema';

const tags = ['Webhooks'];
const security = anyKey;

const filterExamples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  job: { job: JOB_ID },
  batch: { batch: BATCH_ID },
  endpoint: { origin: new URL(CALLBACK).origin, url: CALLBACK },
  status: { failed: 'failed', lost: ['failed', 'stopped'] },
  since: { morning: '2026-03-02T09:00:00Z' },
  until: { noon: '2026-03-02T12:00:00+01:00' },
  limit: { few: 10 },
};

/** Parameters of a list. Its `cursor` has no example, because it comes from an answer. */
const listParameters = (): Node[] =>
  Object.entries(propertiesOf(DeliveryQuery)).map(([name, schema]) => ({
    name,
    in: 'query',
    description: deliveryFilterNotes[name],
    // In a query everything is text.
    schema: name === 'limit' ? { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } : schema,
    ...(filterExamples[name] && { examples: named(filterExamples[name]) }),
  }));

const id: Node = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id of the delivery. That of another key does not exist.',
  schema: { type: 'string', format: 'uuid' },
  examples: named({ delivery: DELIVERY_ID }),
};

const json = (schema: Node, examples: Readonly<Record<string, unknown>>): Node => ({
  'application/json': { schema, examples: named(examples) },
});

const { pending, delivered } = deliveryExamples;

/** `/webhooks/deliveries…`. */
export const deliveryPaths = (): Record<string, Node> => ({
  '/webhooks/deliveries': {
    get: {
      operationId: 'listDeliveries',
      summary: 'Callbacks and what became of them',
      description: 'Newest first. Deliveries go when their job or batch does.',
      tags,
      security,
      parameters: listParameters(),
      responses: {
        '200': {
          description: 'A page of deliveries, each with its last call.',
          headers: headerRefs({ Link: 'NextPage' }),
          content: json(ref('DeliveryPage'), { page: { items: [pending, delivered], nextCursor: delivered.id } }),
        },
        ...errorResponses('problem', keyErrors),
      },
    },
  },
  '/webhooks/deliveries/{id}': {
    get: {
      operationId: 'getDelivery',
      summary: 'One callback with its calls',
      tags,
      security,
      parameters: [id],
      responses: {
        '200': {
          description: 'The delivery.',
          headers: headerRefs({}),
          content: json(ref('Delivery'), { pending, delivered }),
        },
        ...errorResponses('problem', keyErrors),
      },
    },
  },
  '/webhooks/deliveries/{id}/replay': {
    post: {
      operationId: 'replayDelivery',
      summary: 'Make a callback once more',
      description:
        'Whatever became of it. Its schedule begins anew and its id stays the same; a receiver that is failing is tried at once, as is a URL that has answered 410.',
      tags,
      security,
      parameters: [id],
      responses: {
        '202': {
          description: 'The delivery, pending again.',
          headers: headerRefs({}),
          content: json(ref('Delivery'), { pending }),
        },
        ...errorResponses('problem', [...keyErrors, ...bodyErrors]),
      },
    },
  },
});
