import type { FailureClusters, RetryFilter } from '../../../../src/client';
import { spoken } from '../../format/texts';

/** Failed URLs that have reason, host and last status in common. */
export type FailureCluster = FailureClusters['clusters'][number];

/** What stands for a last attempt without an answer, in filters of the API. */
export const NO_STATUS = 'none';

/** A filter with one value of each kind, as the groups of failures have them. */
export type ClusterFilter = Pick<RetryFilter, 'host'> & {
  readonly failReason?: FailureCluster['failReason'];
  readonly statusCode?: number | typeof NO_STATUS;
};

/** Exactly the URLs of a cluster. */
export const filterOf = ({ failReason, host, statusCode }: FailureCluster): ClusterFilter => ({
  failReason,
  host,
  statusCode: statusCode ?? NO_STATUS,
});

/** The filter in a sentence. */
export function retryFilterText({ failReason, host, statusCode }: ClusterFilter): string {
  const parts = [
    ...(host === undefined ? [] : [`of ${host}`]),
    ...(statusCode === undefined
      ? []
      : [statusCode === NO_STATUS ? 'whose last attempt had no answer' : `that were answered with ${statusCode} last`]),
    ...(failReason === undefined ? [] : [`that ${spoken(failReason)}`]),
  ];
  return parts.length === 0 ? 'All failed URLs of this batch.' : `Failed URLs ${parts.join(', ')}.`;
}
