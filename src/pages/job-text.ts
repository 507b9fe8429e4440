import { jsonBodyOf } from '../jobs/json-body';
import type { JsonBody } from '../jobs/json-body';
import { jobObject } from '../jobs/job-object';
import type { JobResponse } from '../jobs/job-object-schema';
import { pickFields } from '../jobs/result-fields';
import { cutAt, jobObjectJson, placeholder } from '../jobs/verbatim-json';
import { streamPage } from './stream-page';
import type { StoredJob } from '../store/jobs';
import type { OpenPage } from './open-page';
import type { ReadResponse } from './read-response';
import type { ReadRecord } from './segments/read-together';

export interface JobTextDeps {
  readonly readResponse: ReadResponse;
  readonly openPage: OpenPage;
  readonly publicUrl: string;
  readonly retentionMs: number;
  /** How pages that are JSON are given, unless the job says otherwise. @default 'object' */
  readonly jsonBodies?: JsonBody;
}

/** What a job object is to have. */
export interface ObjectOptions {
  /** The only fields of it. @default all */
  readonly fields?: ReadonlySet<string> | undefined;
  /** Fields beside those of the job object. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface SmallTextOptions extends ObjectOptions {
  /** Whether the object has the body. @default true */
  readonly withBody?: boolean;
  /** Stored pages up to this size are read into memory, unless they unpack to more than four times that. */
  readonly maxStoredBytes: number;
  /** The stored page, where it is read together with others. */
  readonly record?: ReadRecord | undefined;
}

export interface LargeTextOptions extends ObjectOptions {
  /** Limit for the unpacked page. */
  readonly maxBytes: number;
}

export type LargeText =
  /** Streams the text in parts, from its beginning each time. */
  | { readonly kind: 'parts'; readonly parts: () => AsyncIterable<string> }
  /** The page unpacks to more than `maxBytes`; this is the response without its body. */
  | { readonly kind: 'too-large'; readonly response: JobResponse };

/** Writes a job object with its page as JSON, for the status URL, callbacks and streams of results. */
export interface JobTexts {
  readonly objectOf: (job: StoredJob, response?: JobResponse) => Record<string, unknown>;
  readonly jsonBodyOf: (job: StoredJob) => JsonBody;
  /** Resolves with the whole text; undefined when the page is too large for memory. */
  readonly small: (job: StoredJob, options: SmallTextOptions) => Promise<string | undefined>;
  /** Writes the text for a damaged page: nobody can say what it was, but its job has finished. */
  readonly damaged: (job: StoredJob, options?: ObjectOptions) => string;
  /** Streams the text for a page of any size, with some 100 kB of it in memory. */
  readonly large: (job: StoredJob, options: LargeTextOptions) => Promise<LargeText>;
}

/** Makes the texts of job objects. `small` and `large` reject with a PageDamagedError before anything is given out. */
export function createJobTexts(deps: JobTextDeps): JobTexts {
  const { publicUrl, retentionMs, jsonBodies = 'object' } = deps;
  const objectOf: JobTexts['objectOf'] = (job, response) => jobObject(job, { publicUrl, retentionMs, response });
  const bodyOf: JobTexts['jsonBodyOf'] = ({ options }) => jsonBodyOf(options.apiParams ?? {}, jsonBodies);

  return {
    objectOf,
    jsonBodyOf: bodyOf,
    async small(job, { withBody = true, maxStoredBytes, record, ...options }) {
      const textOf = (response?: JobResponse) => jobObjectJson(withFields(objectOf(job, response), options));
      if (job.page === undefined) return textOf();
      if (withBody && job.page.length > maxStoredBytes) return undefined;
      try {
        const maxBytes = 4 * maxStoredBytes;
        return textOf(await deps.readResponse(job, { withBody, maxBytes, record, jsonBody: bodyOf(job) }));
      } catch (error) {
        if ((error as Error).name === 'BodyTooLargeError') return undefined;
        throw error;
      }
    },
    damaged: (job, options = {}) =>
      jobObjectJson(withFields(jobObject(job, { publicUrl, retentionMs, error: 'page_damaged' }), options)),
    async large(job, { maxBytes, ...options }) {
      const opened = await deps.openPage(job);
      if (opened === undefined) return inParts([jobObjectJson(withFields(objectOf(job), options))]);
      const isBinaryTarget = job.options.apiParams?.binary_target === true;
      const page = await streamPage(opened, { isBinaryTarget, jsonBody: bodyOf(job), maxBytes });
      const { headers, statusCode } = page;
      if (page.kind === 'too-large') return { kind: 'too-large', response: { headers, statusCode } };
      const place = placeholder();
      const object = withFields(objectOf(job, { headers, statusCode, [page.field]: place.value }), options);
      const [before, after] = cutAt(jobObjectJson(object), page.isJson ? place.json : place.value);
      return {
        kind: 'parts',
        parts: async function* () {
          yield before;
          for await (const text of page.text()) yield page.isJson ? text : JSON.stringify(text).slice(1, -1);
          yield after;
        },
      };
    },
  };
}

const inParts = (texts: readonly string[]): LargeText => ({
  kind: 'parts',
  parts: async function* () {
    yield* texts;
  },
});

const withFields = (
  object: Readonly<Record<string, unknown>>,
  { fields, more }: ObjectOptions,
): Record<string, unknown> => ({ ...(fields === undefined ? object : pickFields(object, fields)), ...more });
