import type { BatchLine } from './api-types';
import type { BatchFields } from './requests';
import type { Query, QueryValue } from './transport';

/** The fields of a batch as the query of an upload of lines. */
export function queryOf({ tags, onDone, callback, apiParams, ...plain }: BatchFields): Query {
  const urlOf = (receiver: BatchFields['onDone']) => (typeof receiver === 'object' ? receiver.url : receiver);
  const { instruction_set: steps, ...params } = apiParams ?? {};
  return {
    ...(plain as Readonly<Record<string, QueryValue>>),
    ...params,
    instruction_set: typeof steps === 'object' ? JSON.stringify(steps) : steps,
    tags,
    onDone: urlOf(onDone),
    callback: urlOf(callback),
  };
}

/** One line of an upload, with its end. */
export const lineOf = (line: string | BatchLine): string =>
  `${JSON.stringify(typeof line === 'string' ? { url: line } : line)}\n`;
