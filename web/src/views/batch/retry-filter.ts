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

/** What the filter says, by name. A filter without fields says nothing. */
export const filterFacts = ({
  host,
  failReason,
  statusCode,
}: ClusterFilter): readonly (readonly [string, string])[] => [
  ...(host === undefined ? [] : [['Host', host] as const]),
  ...(failReason === undefined ? [] : [['Reason', spoken(failReason)] as const]),
  ...(statusCode === undefined
    ? []
    : [['Last status', statusCode === NO_STATUS ? 'no answer' : String(statusCode)] as const]),
];
