import type { FailureCluster } from '../../api/types';
import { spoken } from '../../format/texts';

/** What stands for a last attempt without an answer, in filters of the API. */
export const NO_STATUS = 'none';

/** Which failed URLs are meant. */
export interface RetryFilter {
  readonly failReason?: string;
  readonly host?: string;
  readonly statusCode?: number | typeof NO_STATUS;
}

/** Exactly the URLs of a cluster. */
export const filterOf = ({ failReason, host, statusCode }: FailureCluster): RetryFilter => ({
  failReason,
  host,
  statusCode: statusCode ?? NO_STATUS,
});

/** The filter in a sentence. */
export function retryFilterText({ failReason, host, statusCode }: RetryFilter): string {
  const parts = [
    ...(host === undefined ? [] : [`of ${host}`]),
    ...(statusCode === undefined
      ? []
      : [statusCode === NO_STATUS ? 'whose last attempt had no answer' : `that were answered with ${statusCode} last`]),
    ...(failReason === undefined ? [] : [`that ${spoken(failReason)}`]),
  ];
  return parts.length === 0 ? 'All failed URLs of this batch.' : `Failed URLs ${parts.join(', ')}.`;
}
