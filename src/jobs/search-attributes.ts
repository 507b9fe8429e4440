/**
 * What our workflows can be found by in Temporal's list, under the names that the server has to know
 * (`everfetch temporal setup`). All of them are keywords.
 */
export const searchAttributeNames = {
  /** The host that is fetched; only of jobs. */
  host: 'EverfetchHost',
  /** The id of the batch, on everything that belongs to one. */
  batch: 'EverfetchBatch',
  /** The name of the API key, as it was at the start. */
  key: 'EverfetchKey',
} as const;

export type FoundBy = { readonly [Name in keyof typeof searchAttributeNames]?: string | undefined };

/** The form that the Temporal SDK takes. */
export interface KeywordPair {
  readonly key: { readonly name: string; readonly type: 'KEYWORD' };
  readonly value: string;
}

/** Longest keyword of the SQL stores, in characters. */
const MAX_LENGTH = 255;

/** Leaves out what is too long, because a shortened value would be found by nobody. */
export const searchAttributesOf = (values: FoundBy): KeywordPair[] =>
  Object.entries(searchAttributeNames).flatMap(([field, name]): KeywordPair[] => {
    const value = values[field as keyof FoundBy];
    return value === undefined || value.length > MAX_LENGTH ? [] : [{ key: { name, type: 'KEYWORD' }, value }];
  });
