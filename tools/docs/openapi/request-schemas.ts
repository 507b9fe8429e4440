import { ApiParams } from '../../../src/jobs/api-params';
import { lineFields } from '../../../src/api/lines/line-reader';
import { BatchOptions, MAX_CLIENT_ID_LENGTH, MAX_TAGS, MAX_TAG_LENGTH } from '../../../src/jobs/batch-options';
import { JobOptions } from '../../../src/jobs/job-options';
import { MAX_URL_BYTES } from '../../../src/jobs/check-url';
import { MAX_BATCH_URLS } from '../../../src/jobs/job-id';
import { API_KEY, TARGET } from './examples';
import { apiParamNotes, batchFieldNotes, jobFieldNotes, lineFieldNotes } from './field-notes';
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

/** The fields of a batch, each with its description. */
export function batchFields(): Record<string, Node> {
  const { fanOut, onDone: _onDone, tags, ...fields } = withNotes(propertiesOf(BatchOptions), batchFieldNotes);
  return {
    ...eachOrEmpty(fields),
    tags: { description: tags?.['description'], anyOf: [tagList, { type: 'string' }, { type: 'null' }] },
    fanOut: orEmpty(fanOut ?? {}),
    onDone: orEmpty(webhook(batchFieldNotes['onDone']), emptyList),
  };
}

const tagList: Node = {
  type: 'array',
  maxItems: MAX_TAGS,
  items: { type: 'string', maxLength: MAX_TAG_LENGTH },
};

/** A line of an upload of URLs with their own options. */
function batchLine(): Node {
  const { properties } = jobFields() as { properties: Record<string, Node> };
  const own = Object.fromEntries(
    lineFields.map((name) => [
      name,
      name === 'url'
        ? ref('TargetUrl')
        : name === 'id'
          ? {
              description: lineFieldNotes[name],
              anyOf: [{ type: 'string', minLength: 1, maxLength: MAX_CLIENT_ID_LENGTH }, { type: 'null' }],
            }
          : { ...properties[name], description: lineFieldNotes[name] },
    ]),
  );
  return { type: 'object', properties: own, required: ['url'], additionalProperties: false };
}

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
  BatchSubmission: submission('Up to 50,000 URLs with the same options.', { urls }, batchFields()),
  BatchLine: batchLine(),
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
