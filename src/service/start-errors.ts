import { EmbeddedServerError } from '../embedded/embedded-server-error';
import { StoreUnavailableError } from '../store/store-unavailable';
import { UnavailableError } from './errors';
import { diskError, explainFileError } from './data-dir';

export interface StartPlaces {
  readonly dataDir: string;
  /** Database as messages name it, such as `PostgreSQL at db:5432/everfetch (DATABASE_URL)`. */
  readonly database: string;
}

const DISK_FULL = /No space left on device|database or disk is full|Disk quota exceeded|could not extend file/i;

/** Advice by the error code of a database that everfetch cannot use: https://www.postgresql.org/docs/18/errcodes-appendix.html */
const UNFIT: Readonly<Record<string, string>> = {
  '42501':
    "this user may not make tables there (grant it CREATE on the schema public, or make it the database's owner)",
  '3F000': 'it has no schema that this user may make tables in (grant it CREATE on the schema public)',
  '42P07': 'there are tables of another program in it (set DATABASE_URL to a database of its own)',
  '25006': 'it takes no changes (a standby, or default_transaction_read_only)',
};

/** Turns an error that an operator can mend into one that says how. Returns all others unchanged: they are bugs, which need their stack. */
export function explainStartError(error: unknown, { dataDir, database }: StartPlaces): unknown {
  const { code, path, syscall, message } = error as NodeJS.ErrnoException;
  const reason = message.split('\n', 1)[0] ?? '';
  if (error instanceof EmbeddedServerError)
    return DISK_FULL.test(message) ? diskError('no space is left on that disk', dataDir, error) : error;
  if (error instanceof StoreUnavailableError) {
    const cause = error.cause === undefined ? reason : String((error.cause as Error).message);
    if (DISK_FULL.test(cause) && database.startsWith('The embedded'))
      return diskError('no space is left on that disk', dataDir, error);
    return new UnavailableError(`${database} cannot be used: ${cause}.`, { cause: error });
  }
  const unfit = 'severity' in (error as object) ? UNFIT[code ?? ''] : undefined; // an error of PostgreSQL
  if (unfit !== undefined)
    return new UnavailableError(`${database} cannot be used: ${unfit}; it answers "${reason}".`, { cause: error });
  if (syscall === 'listen')
    return new UnavailableError(`The API cannot listen (${code ?? reason}); set PORT and HOST to what is free.`, {
      cause: error,
    });
  if (code === 'ENOSPC' || code === 'EDQUOT' || path?.startsWith(dataDir) === true)
    return explainFileError(error, dataDir) ?? error;
  return error;
}
