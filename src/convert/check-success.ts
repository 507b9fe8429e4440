import type { SuccessRule } from '../jobs/success-rule';
import { BadContentEncodingError, BodyTooLargeError } from '../http/body-errors';
import { decodeContent } from '../http/codings/decode-content';
import { listHeader } from '../http/header-value';
import type { Converter, TurnOptions, WirePage } from './create-converter';
import { failedRule } from './failed-rule';

export type SuccessCheck =
  | { readonly ok: true }
  /** `rule` names the part that is not met, such as `contains "Add to cart"` or `minBytes 2000, got 153` */
  | { readonly ok: false; readonly rule: string };

export interface CheckSuccessOptions extends TurnOptions {
  readonly converter: Converter;
}

/** Searching a page of up to this size takes less time (some 0.1 ms) than handing it to a thread. */
const AT_ONCE_BYTES = 128 * 1024;

/**
 * Checks a page against its caller's success rule. The main thread searches small pages only, and never for a selector.
 * @throws the signal's reason
 */
export async function checkSuccess(
  page: WirePage & { readonly statusCode: number },
  rule: SuccessRule,
  { converter, ...turn }: CheckSuccessOptions,
): Promise<SuccessCheck> {
  if (rule.status !== undefined && !rule.status.includes(page.statusCode))
    return { ok: false, rule: `status ${rule.status.join(', ')}, got ${page.statusCode}` };
  const failed = await (rule.selector === undefined ? failedAtOnce(page, rule) : 'later');
  const found = failed === 'later' ? await converter.failedRule(page, rule, turn) : failed.failedRule;
  return found === undefined ? { ok: true } : { ok: false, rule: found };
}

async function failedAtOnce(page: WirePage, rule: SuccessRule): Promise<{ failedRule: string | undefined } | 'later'> {
  const { minBytes, contains, notContains } = rule;
  if (minBytes === undefined && contains === undefined && notContains === undefined) return { failedRule: undefined };
  const { body, headers } = page;
  if (body.length > AT_ONCE_BYTES) return 'later';
  try {
    const unpacked = await decodeContent(body, listHeader(headers, 'content-encoding'), { maxBytes: AT_ONCE_BYTES });
    return { failedRule: failedRule(unpacked, listHeader(headers, 'content-type'), rule) };
  } catch (error) {
    if (error instanceof BodyTooLargeError) return 'later';
    if (error instanceof BadContentEncodingError) return { failedRule: 'the body is not in its content-encoding' };
    throw error;
  }
}
