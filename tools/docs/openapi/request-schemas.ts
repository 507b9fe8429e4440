import { ApiParams } from '../../../src/jobs/api-params';
import { FanOut, JobOptions } from '../../../src/jobs/job-options';
import { MAX_URL_BYTES } from '../../../src/jobs/check-url';
import { MAX_BATCH_URLS } from '../../../src/jobs/job-id';
import { API_KEY, TARGET } from './examples';
import { apiParamNotes, jobFieldNotes } from './field-notes';
import { propertiesOf, ref } from './json-schema';
import type { Node } from './json-schema';

const withNotes = (
  properties: Readonly<Record<string, Node>>,
  notes: Readonly<Record<string, string>>,
): Record<string, Node> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, { description: notes[name], ...schema }]),
  );

/** Allows an empty value, which counts as absent: an empty text, or an empty list in place of an object. */
function orEmpty({ description, ...schema }: Node, empty: Node = { const: '' }): Node {
  const { anyOf, ...rest } = schema;
  const forms = Object.keys(rest).length === 0 && Array.isArray(anyOf) ? (anyOf as readonly Node[]) : [schema];
  return { description, anyOf: [...forms, empty] };
}

const emptyList: Node = { type: 'array', maxItems: 0 };

const eachOrEmpty = (properties: Readonly<Record<string, Node>>): Record<string, Node> =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, orEmpty(schema)]));

/** Schemas of the parameters of a fetch, each with its description. */
export const apiParamSchemas = (): Record<string, Node> =>
  eachOrEmpty({
    ...withNotes(propertiesOf(ApiParams), apiParamNotes),
    instruction_set: { description: apiParamNotes['instruction_set'], ...instructionSet },
  });

const instructionSet: Node = {
  anyOf: [
    {
      type: 'array',
      maxItems: 500,
      items: {
        type: 'object',
        properties: {
          type: {
            enum: ['click', 'input', 'scroll', 'wait', 'wait_for_selector', 'wait_for_event', 'loop'],
          },
        },
        required: ['type'],
      },
    },
    { type: 'string' },
    { type: 'null' },
  ],
};

function jobFields(): Node {
  const { apiParams, callback, successWhen, headers, meta, ...fields } = withNotes(
    propertiesOf(JobOptions),
    jobFieldNotes,
  );
  const key = { type: 'string', examples: [API_KEY] };
  return {
    type: 'object',
    properties: {
      apiKey: { description: 'The API key, unless it stands in a header or the query.', ...key },
      api_key: { description: 'The same as `apiKey`.', ...key },
      ...eachOrEmpty(fields),
      meta,
      headers: orEmpty(headers ?? {}, emptyList),
      callback: orEmpty(webhook(callback?.['description']), emptyList),
      successWhen: orEmpty({ description: successWhen?.['description'], ...successRule }, emptyList),
      expectsUnsuccessReport: {
        description: 'The same as `expectUnsuccessReport`.',
        ...orEmpty(propertiesOf(JobOptions)['expectUnsuccessReport'] ?? {}),
      },
      apiParams: {
        description: `${String(apiParams?.['description'])} An empty array, a number and null mean none.`,
        anyOf: [ref('ApiParams'), emptyList, { type: 'number' }, { type: 'null' }],
      },
    },
  };
}

const oneOrMore = (item: Node): Node => ({ anyOf: [item, { type: 'array', minItems: 1, maxItems: 20, items: item }] });
const text: Node = { type: 'string', minLength: 1, maxLength: 1_000 };

const successRule: Node = {
  anyOf: [
    {
      type: 'object',
      properties: {
        status: oneOrMore({ type: 'integer', minimum: 100, maximum: 599 }),
        contains: oneOrMore(text),
        notContains: oneOrMore(text),
        selector: { description: 'CSS.', ...text },
        minBytes: { type: 'integer', minimum: 0, maximum: 50_000_000 },
      },
      minProperties: 1,
      additionalProperties: false,
    },
    { type: 'null' },
  ],
};

const webhook = (description: unknown): Node => ({
  description,
  anyOf: [
    {
      type: 'object',
      properties: { type: { const: 'webhook' }, url: ref('TargetUrl') },
      required: ['type', 'url'],
    },
    { type: 'null' },
  ],
});

const urls: Node = {
  description: 'The targets, in the order of the answer; duplicates are kept. A string is one URL.',
  anyOf: [{ type: 'array', minItems: 1, maxItems: MAX_BATCH_URLS, items: ref('TargetUrl') }, ref('TargetUrl')],
};

const fanOut: Node = {
  description:
    '`jobs` runs a workflow per URL, `sweep` one activity for hundreds of them. Null or absent: the size of the batch decides.',
  anyOf: [{ type: 'string', enum: FanOut.options }, { type: 'null' }],
};

const onDone = webhook(
  'Called once, with the batch object, when all its URLs have ended. Calls about single jobs may come later.',
);

/** Fields of a submission, and the parameters of a fetch beside them. */
const submission = (
  description: string,
  own: Readonly<Record<string, Node>>,
  optional: Readonly<Record<string, Node>> = {},
): Node => ({
  description,
  allOf: [
    { type: 'object', properties: { ...own, ...optional }, required: Object.keys(own) },
    ref('JobFields'),
    ref('ApiParams'),
  ],
});

export const requestSchemas = (): Record<string, Node> => ({
  SingleSubmission: submission('One URL.', { url: ref('TargetUrl') }),
  BatchSubmission: submission(
    'Up to 50,000 URLs with the same options.',
    { urls },
    { fanOut: orEmpty(fanOut), onDone: orEmpty(onDone, emptyList) },
  ),
  JobFields: jobFields(),
  ApiParams: { type: 'object', properties: apiParamSchemas() },
  TargetUrl: {
    description: 'An absolute http or https URL. It comes back exactly as it was sent.',
    type: 'string',
    pattern: '^\\s*[hH][tT][tT][pP][sS]?://',
    maxLength: MAX_URL_BYTES,
    examples: [TARGET],
  },
  LenientBoolean: {
    description: 'A boolean, or what clients send for one. The words may be in any case.',
    anyOf: [
      { type: 'boolean' },
      { type: 'integer', enum: [0, 1] },
      { type: 'string', enum: ['true', 'false', '1', '0', 'yes', 'no', 'on', 'off', ''] },
    ],
  },
});
