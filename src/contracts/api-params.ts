import { z } from 'zod';
import { lenientBoolean, lenientInteger, lenientNumber } from './lenient';

/**
 * The parameters of a fetch, in the spelling of the compatible surface. Null counts as absent.
 * Those that this release cannot do yet are still known by name, so that they are refused and not silently ignored.
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
    render: lenientBoolean.nullish(),
    wait_for_selector: z.string().min(1).max(2_000).nullish(),
    screenshot: lenientBoolean.nullish(),
    instruction_set: z.unknown().optional(),
    premium: lenientBoolean.nullish(),
    ultra_premium: lenientBoolean.nullish(),
    country_code: z
      .string()
      .regex(/^[a-z]{2}$/i, 'must be an ISO 3166 alpha-2 code or eu')
      .nullish(),
    session_number: lenientInteger(0, 2_147_483_647).nullish(),
    max_cost: lenientNumber(0, 1_000_000_000).nullish(),
  },
  { error: 'must be an object' },
);
export type ApiParams = z.output<typeof ApiParams>;

export const apiParamNames: readonly string[] = Object.keys(ApiParams.shape);

/** Parameters that ask for something this release does not have: named in the answer, never pretended. */
export function missingFeatures(params: ApiParams): string[] {
  const asked: Record<string, unknown> = {
    render: params.render,
    wait_for_selector: params.wait_for_selector,
    screenshot: params.screenshot,
    instruction_set: params.instruction_set,
    premium: params.premium,
    ultra_premium: params.ultra_premium,
    country_code: params.country_code,
    session_number: params.session_number ?? undefined,
    autoparse: params.autoparse,
    output_format: params.output_format === 'html' ? undefined : params.output_format,
  };
  return Object.keys(asked).filter(
    (name) => asked[name] !== undefined && asked[name] !== null && asked[name] !== false,
  );
}
