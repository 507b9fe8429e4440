import type { AcceptedOptions } from '../jobs/job-options';
import type { TriedAttempt } from '../jobs/tried-attempt';
import type { OpenChunk } from '../store/chunks';

/** A URL and its state in a sweep. */
export interface SweptUrl {
  /** 0-based place, counted from the first URL of the first chunk. */
  readonly place: number;
  readonly url: string;
  /** Options that are not those of the batch. */
  readonly options?: AcceptedOptions;
  attempts: number;
  strikes: number;
  tried: readonly TriedAttempt[];
  nextAttemptAtMs: number;
  isEnded: boolean;
  /** This sweep has tried it, or has set it aside for the next one. */
  isTried: boolean;
  /** Ends its fetch, while there is one. */
  interrupt: ((reason: unknown) => void) | undefined;
}

/** The URLs of a chunk that a sweep has to fetch. @param firstPlace place of the first URL of the chunk */
export function sweptUrlsOf({ members }: OpenChunk, firstPlace: number, except: ReadonlySet<number>): SweptUrl[] {
  return members.flatMap(({ place: placeInChunk, url, attempts, strikes, tried = [], nextAttemptAt, options }) => {
    const place = firstPlace + placeInChunk;
    if (except.has(place)) return [];
    return {
      ...{ place, url, attempts, strikes, tried, isEnded: false, isTried: false, interrupt: undefined },
      nextAttemptAtMs: nextAttemptAt?.getTime() ?? 0,
      ...(options !== undefined && { options }),
    };
  });
}
