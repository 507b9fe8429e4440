import type { Request } from 'express';
import { apiParamNames } from '../../jobs/api-params';
import { BatchOptions, batchOptionNames } from '../../jobs/batch-options';
import type { CommonOptions } from '../../jobs/check-line-options';
import { checkOptions } from '../../jobs/check-request';
import type { Features, MissingFeatures } from '../../jobs/features';
import { paramsIn, withoutEmptyFields } from '../../jobs/given-params';
import { assertKnown, checkedWith, invalid } from '../checked-input';

const jobFields = ['timeoutSec', 'callback', 'expectUnsuccessReport', 'expectsUnsuccessReport', 'maxCost'];

/** Parameters of an upload of lines: the fields of the batch, options of all its jobs, and parameters of their fetches. */
export const batchQueryNames: readonly string[] = [...batchOptionNames, ...jobFields, ...apiParamNames];

export interface BatchQuery extends CommonOptions {
  readonly batchOptions: BatchOptions;
  /** Paths of the parameters that were left out. */
  readonly leftOut: readonly string[];
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * Reads the fields of a batch out of the query. Receivers stand there as plain URLs, and tags in one parameter or in several.
 * @throws ProblemError that names every parameter that is unknown or wrong
 */
export function parseBatchQuery(
  { query }: Pick<Request, 'query'>,
  features: Features,
  missingFeatures: MissingFeatures,
): BatchQuery {
  assertKnown({ query, body: undefined }, { query: batchQueryNames });
  const { onDone, callback, tags, ...plain } = query;
  const fields = withoutEmptyFields({
    ...plain,
    ...(tags !== undefined && { tags: [tags].flat().filter(isText).join(',') }),
    ...(callback !== undefined && { callback: { type: 'webhook', url: callback } }),
    ...(onDone !== undefined && { onDone: { type: 'webhook', url: onDone } }),
  });
  const checked = checkOptions(fields, features, missingFeatures);
  if (!checked.ok) throw invalid(checked.details, checked.code);
  const batchOptions = checkedWith(BatchOptions, fields);
  return {
    batchOptions,
    isDeduped: batchOptions.dedupe === true,
    options: checked.options,
    leftOut: checked.leftOut,
    params: paramsIn(query),
    features,
    missingFeatures,
  };
}
