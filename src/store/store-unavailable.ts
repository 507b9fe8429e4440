import { types } from 'node:util';

/** PostgreSQL or the disk cannot take anything right now. Callers answer 503 or try again later. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
// These are classes of https://www.postgresql.org/docs/18/errcodes-appendix.html: 08 connection, 53 resources (disk full, too many connections),
// 57P01-57P03 shutdown, crash and start-up, 25006 read-only (a standby), 25P03 a transaction that was left alone for too long.
const SQLSTATE = /^(08...|53...|57P0[1-4]|25006|25P03)$/;
/** `pg` reports these without a code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/;

/** Whether an error of `pg` means that the database is away, not that the statement is wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (NETWORK_CODES.has(code) || SQLSTATE.test(code))) return true;
  if (error instanceof AggregateError || 'errors' in error)
    return ((error as AggregateError).errors as unknown[]).every(isUnavailable);
  return MESSAGES.test(error.message);
}
