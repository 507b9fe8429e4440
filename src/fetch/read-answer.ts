import type { FetchOutcome, FetchRequest, FetchedPage } from '../contracts/fetch-outcome';
import { BodyCollector } from './body-collector';
import { BodyTooLargeError } from './body-errors';
import type { ByteBudget, Claim } from './byte-budget';
import { classify, isFinalStatus } from './classify';
import { unpackPrefix } from './content-decoding';
import { PREFIX_BYTES, detectionText } from './detect/detection-text';
import type { Answer } from './engines/engine';
import { headerValue, headerValues } from './header-value';

/** What is read of an answer that cannot become a page, as received. */
const TROUBLE_BYTES = 64 * 1024;

export interface ReadAnswerOptions {
  readonly request: FetchRequest;
  /** Of the last hop. */
  readonly method: string;
  readonly finalUrl: string;
  readonly budget: ByteBudget;
  readonly maxBodyBytes: number;
  /** Waits for memory. */
  readonly reserve: (claim: Claim, bytes: number) => Promise<void>;
  /** Throws when the attempt is over. */
  readonly throwIfOver: () => void;
}

/** Makes an outcome of an answer. Every byte it holds is given back, except those of a page, which go with `release`. */
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
    const reading = collector.readFrom(source);
    // If the status has decided, the body can only tell a block from other trouble: what comes of it is enough, however it ends.
    await (isFinal ? reading : reading.catch(() => undefined));
    const body = collector.take();
    const codings = headerValues(headers, 'content-encoding');
    const unpacking =
      codings.length === 0 ? body.subarray(0, PREFIX_BYTES) : unpackBeginning(body, codings, !isFinal, options);
    const beginning = unpacking instanceof Promise ? await unpacking : unpacking;
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

function bodyBytesOf({ statusCode, headers }: Answer, method: string): number | undefined {
  if (method === 'HEAD' || statusCode === 304) return 0;
  const length = headerValue(headers, 'content-length');
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** @param isTrouble its body may end anywhere, and may be broken */
function unpackBeginning(
  body: Buffer,
  codings: readonly string[],
  isTrouble: boolean,
  { maxBodyBytes, throwIfOver }: ReadAnswerOptions,
): Buffer | Promise<Buffer> {
  const options = { maxBytes: maxBodyBytes, prefixBytes: PREFIX_BYTES, isCut: isTrouble, throwIfOver };
  const unpacking = unpackPrefix(body, codings.join(','), options);
  return isTrouble && unpacking instanceof Promise ? unpacking.catch(() => Buffer.alloc(0)) : unpacking;
}
