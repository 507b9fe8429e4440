import { ApiError, AuthenticationError, ConnectionError, UnavailableError } from '../../../src/client';
import type { ErrorDetail } from '../../../src/client';

/** A bug of the service. Asking again does not help. */
const INTERNAL_ERROR = 500;

/** Whether the service could not be reached or cannot answer right now, so that asking again helps. */
export const isConnectionTrouble = (error: unknown): boolean =>
  error instanceof ConnectionError || (error instanceof UnavailableError && error.status !== INTERNAL_ERROR);

/** Whether the service does not know the API key. */
export const isKeyRefused = (error: unknown): boolean => error instanceof AuthenticationError;

/** Whether the answer was an error with this code, for example `not_found`. */
export const hasCode = (error: unknown, code: string): boolean => error instanceof ApiError && error.code === code;

/** One sentence for people. */
export function messageOf(error: unknown): string {
  if (error instanceof ConnectionError) return 'The service cannot be reached.';
  return error instanceof Error && error.message !== '' ? error.message : 'Something went wrong.';
}

/** What is wrong with the fields of a request, each with its place. */
export const detailsOf = (error: unknown): readonly ErrorDetail[] => (error instanceof ApiError ? error.details : []);
