import type { ApiParams } from '../jobs/api-params';
import type { FetchedPage, Trouble } from '../jobs/fetch-outcome';
import { checkSuccess } from '../convert/check-success';
import type { Converter } from '../convert/create-converter';
import type { StoredJob } from '../store/jobs';

/** Returns the page as its job wants it, or the trouble with it. In the second case the page has been released. */
export type FinishPage = (
  page: FetchedPage,
  job: StoredJob,
  signal: AbortSignal,
) => Promise<{ readonly kind: 'page'; readonly page: FetchedPage } | Trouble>;

type PageFormat = Parameters<Converter['convert']>[1]['format'];

/** Checks the page against `successWhen`, and converts it to the format that the job asks for. */
export function createFinishPage(converter: Converter): FinishPage {
  return async (page, job, signal) => {
    const { successWhen, apiParams = {} } = job.options;
    const format = formatOf(apiParams);
    if (successWhen === undefined && format === undefined) return { kind: 'page', page };
    const turn = { lane: job.apiKeyId, signal };
    let isKept = false;
    try {
      if (successWhen !== undefined && successWhen !== null) {
        const check = await checkSuccess(page, successWhen, { converter, ...turn });
        if (!check.ok) return { kind: 'unsuccessful', statusCode: page.statusCode, rule: check.rule };
      }
      const converted = format === undefined ? page : await convert(converter, page, { format, apiParams, turn });
      if ('kind' in converted) return converted;
      isKept = true;
      return { kind: 'page', page: converted };
    } finally {
      if (!isKept) page.release();
    }
  };
}

/** Returns undefined when the page is wanted as it is. */
function formatOf({ autoparse, output_format: format }: ApiParams): PageFormat | undefined {
  if (autoparse === true) return 'json';
  return format === 'text' || format === 'markdown' ? format : undefined;
}

interface ConvertOptions {
  readonly format: PageFormat;
  readonly apiParams: ApiParams;
  readonly turn: { readonly lane: string; readonly signal: AbortSignal };
}

async function convert(
  converter: Converter,
  page: FetchedPage,
  { format, apiParams, turn }: ConvertOptions,
): Promise<FetchedPage | Trouble> {
  const result = await converter.convert(page, { format, isBinaryTarget: apiParams.binary_target === true }, turn);
  switch (result.kind) {
    case 'failed':
      return { kind: 'unconvertible', reason: result.reason };
    case 'unchanged':
      return page;
    case 'converted': {
      const { contentType, body } = result;
      return { ...page, headers: headersOf(page, contentType, body), body, isConverted: true };
    }
  }
}

/** Headers that describe the body, and are replaced with it; all others stay as the target sent them. */
const DESCRIBE_BODY = new Set(['content-type', 'content-encoding', 'content-length', 'content-md5', 'digest', 'etag']);

const headersOf = ({ headers }: FetchedPage, contentType: string, body: Buffer): FetchedPage['headers'] => [
  ...headers.filter(([name]) => !DESCRIBE_BODY.has(name.toLowerCase())),
  ['Content-Type', contentType],
  ['Content-Length', String(body.length)],
];
