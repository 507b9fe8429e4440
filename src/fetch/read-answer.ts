import type { FetchOutcome, FetchRequest } from '../contracts/fetch-outcome';
import { BodyCollector } from './body-collector';
import type { ByteBudget, Claim } from './byte-budget';
import { classify, isFinalStatus } from './classify';
import { BodyTooLargeError, unpackPrefix } from './content-decoding';
import type { Answer } from './engines/http';
import { headerValue, headerValues } from './header-value';
import { once } from './once';

/** What detection sees of a page, unpacked. */
const PREFIX_BYTES = 16 * 1024;
/** What is read of an answer that cannot become a page, as received. */
const TROUBLE_BYTES = 64 * 1024;

export interface ReadAnswerOptions {
  readonly request: FetchRequest;
  readonly finalUrl: string;
  readonly budget: ByteBudget;
  readonly maxBodyBytes: number;
  /** Waits for memory. */
  readonly reserve: (claim: Claim, bytes: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Makes an outcome of an answer. Every byte it holds is given back, except those of a page, which go with `release`. */
export async function readAnswer(answer: Answer, options: ReadAnswerOptions): Promise<FetchOutcome> {
  const claim = options.budget.open();
  let isKept = false;
  try {
    const outcome = isFinalStatus(answer.statusCode, options.request)
      ? await readPage(answer, claim, options)
      : await readTrouble(answer, claim, options);
    isKept = outcome.kind === 'page';
    return outcome;
  } finally {
    if (!isKept) claim.release();
  }
}

async function readPage(answer: Answer, claim: Claim, options: ReadAnswerOptions): Promise<FetchOutcome> {
  const { request, finalUrl, maxBodyBytes, reserve, signal } = options;
  const { statusCode, statusText, headers } = answer;
  const hasBody = request.method !== 'HEAD' && statusCode !== 304;
  if (hasBody && Number(headerValue(headers, 'content-length') ?? 0) > maxBodyBytes)
    throw new BodyTooLargeError(maxBodyBytes);
  const collector = new BodyCollector(claim, { limitBytes: maxBodyBytes, reserve });
  await collector.readFrom(answer.body);
  const body = collector.take();
  const prefix = await unpackPrefix(body, contentEncodingOf(answer), {
    maxBytes: maxBodyBytes,
    prefixBytes: PREFIX_BYTES,
    isCut: false,
    signal,
  });
  const now = new Date();
  const verdict = classify({ statusCode, headers, text: prefix.toString('utf8') }, request, now.getTime());
  if (verdict.kind !== 'page') return verdict;
  return {
    kind: 'page',
    page: {
      finalUrl,
      statusCode,
      statusText,
      headers,
      body,
      fetchedAt: now.toISOString(),
      release: once(() => claim.release()),
    },
  };
}

/** The status has decided, the body can only tell a block from other trouble: what comes of it is enough, however it ends. */
async function readTrouble(answer: Answer, claim: Claim, options: ReadAnswerOptions): Promise<FetchOutcome> {
  const { request, reserve, signal } = options;
  const { statusCode, headers } = answer;
  const limitBytes = Math.min(TROUBLE_BYTES, options.maxBodyBytes);
  const collector = new BodyCollector(claim, { limitBytes, reserve });
  await collector.readFrom(answer.body).catch(() => undefined);
  const prefix = await unpackPrefix(collector.take(), contentEncodingOf(answer), {
    maxBytes: options.maxBodyBytes,
    prefixBytes: PREFIX_BYTES,
    isCut: true,
    signal,
  }).catch(() => Buffer.alloc(0));
  const verdict = classify({ statusCode, headers, text: prefix.toString('utf8') }, request, Date.now());
  if (verdict.kind === 'page') throw new Error(`status ${statusCode} was final and not final`);
  return verdict;
}

function contentEncodingOf({ headers }: Answer): string {
  return headerValues(headers, 'content-encoding').join(',');
}
