import { listedJobObject } from '../jobs/job-object';
import { pickFields } from '../jobs/result-fields';
import { onOneLine } from '../jobs/verbatim-json';
import { groupsWithin } from '../pages/groups-within';
import { createJobTexts } from '../pages/job-text';
import type { JobTextDeps, JobTexts } from '../pages/job-text';
import { MAX_PAGE_BYTES } from '../pages/read-response';
import { readTogether } from '../pages/segments/read-together';
import type { ReadRecord } from '../pages/segments/read-together';
import type { SegmentStore } from '../pages/segments/segment-store';
import type { Database } from '../store/database';
import type { EndedPlace } from '../store/ended-jobs';
import { findJobs } from '../store/jobs';
import type { StoredJob } from '../store/jobs';

/** Jobs that are looked up per query. */
const JOBS_PER_QUERY = 100;
/** Limits of the stored pages that are read at the same time: their number and their bytes. */
const AT_ONCE = { maxItems: 8, maxBytes: 2 * 1024 * 1024 };
/** Larger pages are read in parts, as they are sent. */
const SMALL_BYTES = 1024 * 1024;

export interface ResultLinesDeps extends JobTextDeps {
  readonly database: Database;
  readonly segments: Pick<SegmentStore, 'read'>;
}

/**
 * Makes the lines of ended jobs: the job object with its page, and `cursor`.
 * @param fields the only fields of the job objects; without `response` no page is read
 */
export type ResultLines = (
  places: readonly EndedPlace[],
  fields: ReadonlySet<string> | undefined,
) => AsyncGenerator<string>;

export function createResultLines(deps: ResultLinesDeps): ResultLines {
  const texts = createJobTexts(deps);
  return async function* (places, fields) {
    const withPages = fields === undefined || fields.has('response');
    for (let from = 0; from < places.length; from += JOBS_PER_QUERY) {
      const group = places.slice(from, from + JOBS_PER_QUERY);
      const jobs = await findJobs(
        deps.database,
        group.map(({ id }) => id),
      );
      // Jobs that retention has removed meanwhile are skipped.
      const found = group.flatMap((place): Found[] => {
        const job = jobs.get(place.id);
        return job === undefined ? [] : [{ job, fields, more: { cursor: cursorOf(place) } }];
      });
      if (withPages) yield* pageLines(deps.segments, texts, found);
      else yield found.map((each) => plainLine(deps, each)).join('');
    }
  };
}

/** Cursor that goes on behind the line of this job. */
export const cursorOf = ({ endedAt, id }: EndedPlace): string => Buffer.from(`${endedAt} ${id}`).toString('base64url');

interface Found {
  readonly job: StoredJob;
  readonly fields: ReadonlySet<string> | undefined;
  readonly more: { readonly cursor: string };
}

const plainLine = (deps: ResultLinesDeps, { job, fields, more }: Found): string => {
  const object = listedJobObject(job, deps);
  return `${JSON.stringify({ ...(fields === undefined ? object : pickFields(object, fields)), ...more })}\n`;
};

async function* pageLines(
  segments: ResultLinesDeps['segments'],
  texts: JobTexts,
  found: readonly Found[],
): AsyncGenerator<string> {
  for (const together of groupsWithin(found, ({ job }) => job.page?.length ?? 0, AT_ONCE)) {
    const records = readTogether(
      segments,
      together.map(({ job: { page } }) => (page === undefined || page.length > SMALL_BYTES ? undefined : page)),
    );
    const small = await Promise.all(together.map((each, index) => smallLine(texts, each, records[index])));
    for (const [index, each] of together.entries()) {
      const line = small[index];
      if (line === undefined) yield* largeLine(texts, each);
      else yield line;
    }
  }
}

/**
 * The line of a job; undefined when its page is too large for memory. A damaged page is reported in its line, so that the stream
 * goes on.
 */
async function smallLine(
  texts: JobTexts,
  { job, ...object }: Found,
  record: ReadRecord | undefined,
): Promise<string | undefined> {
  try {
    const text = await texts.small(job, { maxStoredBytes: SMALL_BYTES, record, ...object });
    return text === undefined ? undefined : `${onOneLine(text)}\n`;
  } catch (error) {
    if ((error as Error).name === 'PageDamagedError') return `${texts.damaged(job, object)}\n`;
    throw error;
  }
}

async function* largeLine(texts: JobTexts, { job, ...object }: Found): AsyncGenerator<string> {
  try {
    const large = await texts.large(job, { maxBytes: MAX_PAGE_BYTES, ...object });
    if (large.kind === 'too-large')
      throw new Error(`the page of job ${job.id} unpacks to over ${MAX_PAGE_BYTES} bytes`);
    for await (const part of large.parts()) yield onOneLine(part);
    yield '\n';
  } catch (error) {
    // Damage is found before the first part is given out, so the line can still be replaced.
    if ((error as Error).name !== 'PageDamagedError') throw error;
    yield `${texts.damaged(job, object)}\n`;
  }
}
