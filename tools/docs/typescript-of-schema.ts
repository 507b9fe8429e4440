import type { Node } from './openapi/json-schema';

/** The client sends the key itself, and knows the one spelling. */
const LEFT_OUT = ['apiKey', 'api_key', 'expectsUnsuccessReport'];

const REPLACED: Readonly<Record<string, string>> = { LenientBoolean: 'boolean', TargetUrl: 'string' };

/**
 * The TypeScript type of a JSON Schema.
 * @param isRequest whether it describes what is sent. Of the many forms that the service understands the type has the one that is
 *   meant, and what is optional may be undefined.
 */
export function typeOf(schema: Node, isRequest: boolean): string {
  const { $ref, const: value, enum: values, anyOf, oneOf, allOf, type } = schema;
  if (typeof $ref === 'string') return referred($ref);
  if (value !== undefined) return JSON.stringify(value);
  if (Array.isArray(values)) return union(values.map((each) => JSON.stringify(each)));
  const options = (anyOf ?? oneOf) as readonly Node[] | undefined;
  if (options !== undefined) return union((isRequest ? meant(options) : options).map((each) => typeOf(each, isRequest)));
  if (Array.isArray(allOf)) return (allOf as readonly Node[]).map((each) => typeOf(each, isRequest)).join(' & ');
  if (Array.isArray(type))
    return union((type as readonly string[]).filter((each) => each !== 'null').map((each) => plainType(each)));
  if (type === 'array') return `readonly (${typeOf((schema['items'] ?? {}) as Node, isRequest)})[]`;
  if (type === 'object') return objectType(schema, isRequest);
  return plainType(type);
}

function referred(ref: string): string {
  const name = ref.slice(ref.lastIndexOf('/') + 1);
  return REPLACED[name] ?? name;
}

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ');

function plainType(type: unknown): string {
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'string' || type === 'boolean' ? type : 'unknown';
}

/** Leaves out what stands for "nothing", and texts that stand for numbers. */
function meant(options: readonly Node[]): readonly Node[] {
  const isNumber = ({ type }: Node) => type === 'integer' || type === 'number';
  const kept = options.filter(({ type, const: value, maxItems }) => type !== 'null' && value !== '' && maxItems !== 0);
  const withoutTexts = kept.some(isNumber) ? kept.filter(({ type, const: value }) => type !== 'string' || value !== undefined) : kept;
  return withoutTexts.some(({ $ref }) => $ref !== undefined)
    ? withoutTexts.filter((each) => !isNumber(each))
    : withoutTexts;
}

function objectType(schema: Node, isRequest: boolean): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Node>>);
  const required = (schema['required'] ?? []) as readonly string[];
  if (properties.length === 0) return recordType(schema, isRequest);
  const fields = properties
    .filter(([name]) => !(isRequest && LEFT_OUT.includes(name)))
    .map(([name, property]) => {
      const description = property['description'];
      const comment = typeof description === 'string' ? `/** ${description} */\n` : '';
      const isOptional = !required.includes(name);
      const type = typeOf(property, isRequest);
      return `${comment}readonly ${JSON.stringify(name)}${isOptional ? '?' : ''}: ${type}${isOptional && isRequest ? ' | undefined' : ''};`;
    });
  return `{\n${fields.join('\n')}\n}`;
}

function recordType(schema: Node, isRequest: boolean): string {
  const values = schema['additionalProperties'];
  const valueType = typeof values === 'object' && values !== null ? typeOf(values as Node, isRequest) : 'unknown';
  const names = (schema['propertyNames'] ?? {}) as Node;
  return Array.isArray(names['enum'])
    ? `Readonly<Partial<Record<${typeOf(names, isRequest)}, ${valueType}>>>`
    : `Readonly<Record<string, ${valueType}>>`;
}
