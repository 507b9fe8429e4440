import { z } from 'zod';
import { lenientBoolean } from '../../../src/jobs/lenient';

/** A JSON Schema, or any other part of the document. */
export type Node = Record<string, unknown>;

export const ref = (name: string): Node => ({ $ref: `#/components/schemas/${name}` });

function plain(schema: z.core.$ZodType): Node {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ zodSchema, jsonSchema }) => refine(zodSchema, jsonSchema),
  });
  return rest;
}

function become(target: Node, next: Node): void {
  for (const name of Object.keys(target)) delete target[name];
  Object.assign(target, next);
}

/** Adds constraints that zod checks but does not export, because they are behind a transform or in a flag of a regular expression. */
function refine(zodSchema: z.core.$ZodTypes, jsonSchema: Node): void {
  if ((zodSchema as z.core.$ZodType) === lenientBoolean) return become(jsonSchema, ref('LenientBoolean'));
  const { def } = zodSchema._zod;
  if (def.type === 'string') {
    const { pattern, format } = jsonSchema;
    const ignoresCase = (def.checks ?? []).some((check) => patternOf(check)?.ignoreCase === true);
    if (ignoresCase && typeof pattern === 'string') jsonSchema['pattern'] = pattern.replaceAll('a-z', 'A-Za-z');
    // The format says the same as the expression, and is easier to read.
    if (format === 'uuid' || format === 'date-time') delete jsonSchema['pattern'];
  }
  if (def.type === 'number') {
    if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
    if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  }
  if (def.type !== 'pipe') return;
  const out = def.out as z.core.$ZodTypes;
  if (out._zod.def.type === 'enum') become(jsonSchema, plain(out));
  if (out._zod.def.type === 'number') {
    // Clients also send numbers as text.
    const forms = (jsonSchema['anyOf'] ?? []) as readonly Node[];
    become(jsonSchema, { anyOf: [plain(out), ...forms.filter(({ type }) => type === 'string')] });
  }
}

function patternOf(check: z.core.$ZodCheck<never>): RegExp | undefined {
  const { pattern } = check._zod.def as { readonly pattern?: unknown };
  return pattern instanceof RegExp ? pattern : undefined;
}

/** Describes what a client may send or will get: answers have no transforms, so the input side describes both. */
export const toSchema = plain;

/** The properties of an object schema, each by its name. */
export function propertiesOf(schema: z.ZodObject): Record<string, Node> {
  return (plain(schema)['properties'] ?? {}) as Record<string, Node>;
}
