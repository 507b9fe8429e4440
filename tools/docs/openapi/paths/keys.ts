import type { ErrorCode } from '../../../../src/jobs/error-codes';
import { KeyPatch, NewKey } from '../../../../src/jobs/key-requests';
import { anyKey, headerRefs } from '../components';
import { bodyErrors, errorResponses, keyErrors } from '../errors';
import { KEY_ID, keyExample, named } from '../examples';
import { keyFieldNotes, keyLimitNotes } from '../field-notes';
import { propertiesOf, ref } from '../json-schema';
import type { Node } from '../json-schema';

const tags = ['Keys'];
const security = anyKey;
const adminErrors: readonly ErrorCode[] = [...keyErrors, 'admin_key_required'];

const id: Node = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id of the key, as the list tells it.',
  schema: { type: 'string', format: 'uuid' },
  examples: named({ key: KEY_ID }),
};

const json = (schema: Node, examples: Readonly<Record<string, unknown>>): Node => ({
  'application/json': { schema, examples: named(examples) },
});

const described = (
  properties: Readonly<Record<string, Node>>,
  notes: Readonly<Record<string, string>>,
): Record<string, Node> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, { description: notes[name], ...schema }]),
  );

function body(schema: typeof NewKey | typeof KeyPatch, examples: Readonly<Record<string, unknown>>, more: Node): Node {
  const { limits, ...fields } = described(propertiesOf(schema), keyFieldNotes);
  const properties = described((limits?.['properties'] ?? {}) as Record<string, Node>, keyLimitNotes);
  const whole = { ...fields, limits: { ...limits, properties } };
  return {
    required: true,
    content: json({ type: 'object', properties: whole, additionalProperties: false, ...more }, examples),
  };
}

const answers = (description: string, errors: readonly ErrorCode[]): Node => ({
  '200': { description, headers: headerRefs({}), content: json(ref('Key'), { key: keyExample }) },
  ...errorResponses('problem', [...errors, ...adminErrors]),
});

/** `/keys` and `/keys/{id}`, which only admin keys may use. */
export const keyPaths = (): Record<string, Node> => ({
  '/keys': {
    get: {
      operationId: 'listKeys',
      summary: 'All keys of the installation',
      description: 'Oldest first, the revoked ones too.',
      ...{ tags, security },
      parameters: [
        {
          ...{ name: 'limit', in: 'query', description: 'How many at most. Default 1000.' },
          schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 1_000 },
          examples: named({ few: 10 }),
        },
        {
          ...{ name: 'cursor', in: 'query', description: '`nextCursor` of the page before.' },
          schema: { type: 'string', maxLength: 500 },
        },
      ],
      responses: {
        '200': {
          description: 'A page of the list.',
          headers: headerRefs({ Link: 'NextPage' }),
          content: json(ref('KeyPage'), { page: { items: [keyExample] } }),
        },
        ...errorResponses('problem', adminErrors),
      },
    },
    post: {
      operationId: 'createKey',
      summary: 'Make a key',
      description: 'The answer is the only place where the key itself is ever shown.',
      ...{ tags, security },
      requestBody: body(
        NewKey,
        {
          plain: { name: 'crawler' },
          limited: { name: 'nightly prices', limits: { credits: 50_000, concurrency: 20 } },
        },
        { required: ['name'] },
      ),
      responses: {
        '201': {
          description: 'The key.',
          headers: headerRefs({ Location: 'KeyLocation' }),
          content: json(ref('CreatedKey'), {
            key: { ...keyExample, key: 'ef_5f0c2d9b1e7a48c6903f2a6d1b8e4c7750a9d3e1' },
          }),
        },
        ...errorResponses('problem', ['key_name_taken', ...adminErrors, ...bodyErrors]),
      },
    },
  },
  '/keys/{id}': {
    get: {
      operationId: 'getKey',
      summary: 'A key, its limits and what it has used',
      ...{ tags, security },
      parameters: [id],
      responses: answers('The key.', []),
    },
    patch: {
      operationId: 'changeKey',
      summary: 'Change a key',
      description:
        'All or nothing; what is left out stays. Limits hold from the next submission on. A key cannot demote itself.',
      ...{ tags, security },
      parameters: [id],
      requestBody: body(
        KeyPatch,
        { more: { limits: { credits: 100_000 } }, free: { name: 'prices', limits: { credits: null } } },
        { minProperties: 1 },
      ),
      responses: answers('The key as it is now.', [
        ...(['key_name_taken', 'key_revoked', 'key_in_use', 'last_admin_key'] as const),
        ...bodyErrors,
      ]),
    },
    delete: {
      operationId: 'revokeKey',
      summary: 'Revoke a key',
      description:
        'It is refused from the next request on; what was submitted with it runs on. Its name stays taken. Revoking it again changes nothing. A key cannot revoke itself.',
      ...{ tags, security },
      parameters: [id],
      responses: answers('The revoked key.', ['key_in_use', 'last_admin_key']),
    },
  },
});
