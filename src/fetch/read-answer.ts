import { codingNames } from '../http/codings/coding-steps';
import { contentCodings } from '../http/codings/content-codings';
import type { FetchOutcome, FetchRequest, FetchedPage } from '../jobs/fetch-outcome';
import { BodyCollector } from './body-collector';
import { BadContentEncodingError, BodyTooLargeError } from '../http/body-errors';
import type { ByteBudget, Claim } from './byte-budget';
import { classify, isFinalStatus } from './classify';
import { decodePrefix } from '../http/codings/decode-content';
import { PREFIX_BYTES, detectionText } from './detect/detection-text';
import type { Answer } from './engines/engine';
import { chainOf } from './error-codes';
import { headerValue, headerValues } from '../http/header-value';

/** How many bytes are read of an answer that cannot become a page, as received. */
const TROUBLE_BYTES = 64 * 1024;

export interface ReadAnswerOptions {
  readonly request: FetchRequest;
  /** Method of the last hop. */
  readonly method: string;
  readonly finalUrl: string;
  readonly budget: ByteBudget;
  readonly maxBodyBytes: number;
  /** Takes memory for the claim, and waits for it if need be. */
  readonly reserve: (claim: Claim, bytes: number) => Promise<void>;
  /** Throws when the attempt is over. */
  readonly throwIfOver: () => void;
}

/** Makes an outcome of an answer. All its memory is given back, except that of a page, which its `release` gives back. */
export async function readAnswer(answer: Answer, options: ReadAnswerOptions): Promise<FetchOutcome> {
  const { statusCode, headers, body: source } = answer;
  const { request, maxBodyBytes, reserve } = options;
  const isFinal = isFinalStatus(statusCode, request);
  const expectedBytes = bodyBytesOf(answer, options.method);
  const claim = options.budget.open();
  let isKept = false;
  try {
    if (isFinal && expectedBytes !== undefined && expectedBytes > maxBodyBytes)
      throw new BodyTooLargeError(maxBodyBytes);
    const limitBytes = isFinal ? maxBodyBytes : Math.min(TROUBLE_BYTES, maxBodyBytes);
    const collector = new BodyCollector(claim, { limitBytes, expectedBytes, reserve });
    const codings = headerValues(headers, 'content-encoding');
    let cutBy: unknown;
    try {
      await collector.readFrom(source);
    } catch (error) {
      // When the status rules a page out, the body only tells a block from other trouble: any part of it will do.
      if (isFinal && !(isCutShort(error) && showsItsEnd(codings))) throw error;
      cutBy = error;
    }
    const body = collector.take();
    if (isFinal && cutBy !== undefined && body.length === 0) throw cutBy as Error; // as: whatever it is, it is handed on
    const unpacking =
      codings.length === 0 ? body.subarray(0, PREFIX_BYTES) : unpackBeginning(body, codings, !isFinal, options);
    const beginning = unpacking instanceof Promise ? await unpackedAlthough(cutBy, unpacking) : unpacking;
    const now = new Date();
    const verdict = classify(
      { statusCode, headers, text: detectionText(beginning, statusCode, headers), url: options.finalUrl },
      request,
      now.getTime(),
    );
    if (verdict.kind !== 'page') return verdict;
    isKept = true;
    return { kind: 'page', page: pageOf(answer, options.finalUrl, { body, now, claim }) };
  } finally {
    if (!isKept) claim.release();
  }
}

function pageOf(
  { statusCode, statusText, headers }: Answer,
  finalUrl: string,
  { body, now, claim }: { readonly body: Buffer; readonly now: Date; readonly claim: Claim },
): FetchedPage {
  const fetchedAt = now.toISOString();
  return { finalUrl, statusCode, statusText, headers, body, fetchedAt, release: () => claim.release() };
}

/** Whether the connection ended before the message did. */
const isCutShort = (error: unknown): boolean =>
  chainOf(error).some(({ code }) => typeof code === 'string' && CUT_SHORT.has(code));
const CUT_SHORT: ReadonlySet<string> = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_SOCKET', 'ECONNRESET']);

/** Whether the body has a coding that tells by itself whether the body is whole. */
const showsItsEnd = (codings: readonly string[]): boolean =>
  codingNames(codings.join(',')).some((name) => contentCodings.has(name));

/**
 * A coded body tells by itself whether it is whole, so a whole one is a page even when its message was cut off: many servers announce a
 * wrong length and then close. A body that is not whole failed for the reason that the connection gave.
 */
function unpackedAlthough(cutBy: unknown, unpacking: Promise<Buffer>): Promise<Buffer> {
  if (cutBy === undefined) return unpacking;
  return unpacking.catch((error: unknown) => {
    throw error instanceof BadContentEncodingError ? cutBy : error;
  });
}

function bodyBytesOf({ statusCode, headers }: Answer, method: string): number | undefined {
  if (method === 'HEAD' || statusCode === 204 || statusCode === 304) return 0;
  const length = headerValue(headers, 'content-length');
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** @param isTrouble whether the answer is no page, so that its body may be cut off or broken */
function unpackBeginning(
  body: Buffer,
  codings: readonly string[],
  isTrouble: boolean,
  { maxBodyBytes, throwIfOver }: ReadAnswerOptions,
): Buffer | Promise<Buffer> {
  const options = { maxBytes: maxBodyBytes, prefixBytes: PREFIX_BYTES, isCut: isTrouble, throwIfOver };
  const unpacking = decodePrefix(body, codings.join(','), options);
  return isTrouble && unpacking instanceof Promise ? unpacking.catch(() => Buffer.alloc(0)) : unpacking;
}
