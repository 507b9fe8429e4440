import type { Node } from './openapi/json-schema';

/** The client sends the key itself, and knows the one spelling. */
const LEFT_OUT = ['apiKey', 'api_key', 'expectsUnsuccessReport'];

const REPLACED: Readonly<Record<string, string>> = { LenientBoolean: 'boolean', TargetUrl: 'string' };

/** What is described: an answer, what is sent, or a change, in which null takes a value away. */
export type SchemaUse = 'answer' | 'request' | 'change';

/**
 * The TypeScript type of a JSON Schema. Of the many forms in which the service understands what is sent, it has the one that is meant;
 * what is optional there may be undefined.
 */
export function typeOf(schema: Node, use: SchemaUse): string {
  const { $ref, const: value, enum: values, anyOf, oneOf, allOf, type } = schema;
  if (typeof $ref === 'string') return referred($ref);
  if (value !== undefined) return JSON.stringify(value);
  if (Array.isArray(values)) return union(values.map((each) => JSON.stringify(each)));
  const options = (anyOf ?? oneOf) as readonly Node[] | undefined;
  if (options !== undefined) return union(meant(options, use).map((each) => typeOf(each, use)));
  if (Array.isArray(allOf)) return (allOf as readonly Node[]).map((each) => typeOf(each, use)).join(' & ');
  if (Array.isArray(type))
    return union((type as readonly string[]).filter((each) => each !== 'null').map((each) => plainType(each)));
  if (type === 'array') return `readonly (${typeOf((schema['items'] ?? {}) as Node, use)})[]`;
  if (type === 'object') return objectType(schema, use);
  return plainType(type);
}

function referred(ref: string): string {
  const name = ref.slice(ref.lastIndexOf('/') + 1);
  return REPLACED[name] ?? name;
}

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ');

function plainType(type: unknown): string {
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'string' || type === 'boolean' || type === 'null' ? type : 'unknown';
}

const isNumber = ({ type }: Node): boolean => type === 'integer' || type === 'number';

/** Of what is sent, leaves out what stands for "nothing", and texts that stand for numbers. */
function meant(options: readonly Node[], use: SchemaUse): readonly Node[] {
  if (use === 'answer') return options;
  const hasNumber = options.some(isNumber);
  const hasObject = options.some(({ $ref }) => $ref !== undefined);
  return options.filter((option) => {
    const { type, const: value, maxItems } = option;
    if (value === '' || maxItems === 0 || (type === 'null' && use === 'request')) return false;
    if (hasObject && isNumber(option)) return false;
    return !(hasNumber && type === 'string' && value === undefined);
  });
}

function objectType(schema: Node, use: SchemaUse): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Node>>);
  const required = (schema['required'] ?? []) as readonly string[];
  if (properties.length === 0) return recordType(schema, use);
  const isSent = use !== 'answer';
  const fields = properties
    .filter(([name]) => !(isSent && LEFT_OUT.includes(name)))
    .map(([name, property]) => {
      const description = property['description'];
      const comment = typeof description === 'string' ? `/** ${description} */\n` : '';
      const isOptional = !required.includes(name);
      const type = typeOf(property, use);
      return `${comment}readonly ${JSON.stringify(name)}${isOptional ? '?' : ''}: ${type}${isOptional && isSent ? ' | undefined' : ''};`;
    });
  return `{\n${fields.join('\n')}\n}`;
}

function recordType(schema: Node, use: SchemaUse): string {
  const values = schema['additionalProperties'];
  const valueType = typeof values === 'object' && values !== null ? typeOf(values as Node, use) : 'unknown';
  const names = (schema['propertyNames'] ?? {}) as Node;
  return Array.isArray(names['enum'])
    ? `Readonly<Partial<Record<${typeOf(names, use)}, ${valueType}>>>`
    : `Readonly<Record<string, ${valueType}>>`;
}
