import { z } from 'zod';
import { parseInstructionSet } from './instruction-set';
import type { Instruction } from './instruction-set';
import { jsonBodies } from './json-body';
import { lenientBoolean, lenientInteger, lenientNumber } from './lenient';

/** Turns a path such as `instruction_set[2].selector` into `[2, 'selector']`, as zod wants it. */
const partsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|\.([^.[]+)/g)].map(([, index, name = '']) =>
    index === undefined ? name : Number(index),
  );

/** Parses the steps for a browser. `false` and an empty string mean that there are none. */
const instructionSet = z.unknown().transform((value, context): readonly Instruction[] | undefined => {
  if (value === undefined || value === null || value === false || value === '') return undefined;
  const parsed = parseInstructionSet(value);
  if (parsed.ok) return parsed.instructions;
  context.addIssue({ code: 'custom', message: parsed.message, path: partsOf(parsed.path) });
  return z.NEVER;
});

/**
 * The parameters of a fetch, spelled as ScraperAPI clients do. Null counts as absent; empty strings have been removed before
 * (`given-params`). Whether this installation can do what they ask for is checked by `missingFeatures`.
 */
export const ApiParams = z.object(
  {
    keep_headers: lenientBoolean.nullish(),
    follow_redirect: lenientBoolean.nullish(),
    retry_404: lenientBoolean.nullish(),
    device_type: z.enum(['desktop', 'mobile'], { error: 'must be desktop or mobile' }).nullish(),
    binary_target: lenientBoolean.nullish(),
    output_format: z
      .enum(['html', 'text', 'markdown', 'json'], { error: 'must be html, text, markdown or json' })
      .nullish(),
    autoparse: lenientBoolean.nullish(),
    json_body: z.enum(jsonBodies, { error: 'must be text or object' }).nullish(),
    render: lenientBoolean.nullish(),
    wait_for_selector: z.string().min(1).max(2_000).nullish(),
    screenshot: lenientBoolean.nullish(),
    instruction_set: instructionSet.nullish(),
    premium: lenientBoolean.nullish(),
    ultra_premium: lenientBoolean.nullish(),
    country_code: z
      .string()
      .regex(/^[a-z]{2}$/i, 'must be an ISO 3166 alpha-2 code or eu')
      .transform((code) => countryCodeOf(code) ?? code)
      .nullish(),
    session_number: lenientInteger(0, 2_147_483_647).nullish(),
    max_cost: lenientNumber(0, 1_000_000_000).nullish(),
  },
  { error: 'must be an object' },
);
export type ApiParams = z.output<typeof ApiParams>;

export const apiParamNames: readonly string[] = Object.keys(ApiParams.shape);

/** The country code in lower case, with the common `uk` turned into `gb`. Returns undefined unless it has two letters. */
export function countryCodeOf(text: string): string | undefined {
  const code = text.toLowerCase();
  if (!/^[a-z]{2}$/.test(code)) return undefined;
  return code === 'uk' ? 'gb' : code;
}
