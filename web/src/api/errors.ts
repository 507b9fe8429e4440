import { ApiError, ConnectionError } from './http-client';

const HTTP_UNAUTHORIZED = 401;
const FIRST_SERVER_ERROR = 500;

/** Whether the service could not be reached or cannot answer right now, so that asking again helps. */
export const isConnectionTrouble = (error: unknown): boolean =>
  error instanceof ConnectionError || (error instanceof ApiError && error.status > FIRST_SERVER_ERROR);

/** Whether the service does not know the API key. */
export const isKeyRefused = (error: unknown): boolean =>
  error instanceof ApiError && error.status === HTTP_UNAUTHORIZED;

/** Whether the answer was an error with this code, for example `not_found`. */
export const hasCode = (error: unknown, code: string): boolean => error instanceof ApiError && error.code === code;

/** One sentence for people. */
export function messageOf(error: unknown): string {
  if (error instanceof ConnectionError) return 'The service cannot be reached.';
  return error instanceof Error && error.message !== '' ? error.message : 'Something went wrong.';
}

/** What is wrong with the fields of a request, each with its place. */
export const detailsOf = (error: unknown): readonly { readonly path: string; readonly message: string }[] =>
  error instanceof ApiError ? error.details : [];
