import type { Receiver } from '../../api/types';
import { spoken } from '../../format/texts';

/** The last failed call in a few words. */
export function lastErrorText(lastError: Receiver['lastError']): string {
  if (lastError === undefined) return '–';
  const { statusCode, error } = lastError;
  if (statusCode === undefined) return error === undefined ? 'no answer' : spoken(error);
  return error === undefined ? `answered ${statusCode}` : `answered ${statusCode}, ${spoken(error)}`;
}
