import { cliExitCodes } from './exit-codes';
import type { CliOutcome } from './exit-codes';

/** Thrown to end a command. The message is the whole line that the user sees, a sentence without its full stop or with it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly outcome: CliOutcome;

  constructor(outcome: CliOutcome, message: string, options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}

export const usageError = (message: string): CliError => new CliError('usage', message);

/** What the system says about a file, in words. */
const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'it may not be accessed',
  EPERM: 'it may not be accessed',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EROFS: 'the disk is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file would be larger than the system allows',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
};

/** Turns an error of the file system into the line that names the file; any other error is thrown as it is. */
export function fileError(doing: string, path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof CliError) return error as Error;
  return new CliError('file', `${doing} ${path}: ${FILE_PROBLEMS[code] ?? message} (${code})`, { cause: error });
}

/** What the line and the exit code of an error are. */
export interface CliReport {
  readonly code: number;
  readonly line: string;
}

interface Seen {
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string;
  readonly status?: number;
  readonly code?: string;
  readonly details?: readonly { readonly path: string; readonly message: string }[] | undefined;
  readonly requestId?: string | undefined;
}

/** Chooses exit code and line for whatever ended a command. Errors of the client are known by `name` and `status`. */
export function cliReportOf(error: unknown, serviceUrl: string): CliReport {
  const { name = '', message = String(error), stack, status, code, details = [], requestId } = error as Seen;
  const report = (outcome: CliOutcome, line: string): CliReport => ({ code: cliExitCodes[outcome].code, line });
  if (error instanceof CliError) return report(error.outcome, message);
  if (name === 'ConnectionError')
    return report('unreachable', `the service at ${serviceUrl} cannot be reached: ${message}`);
  if (status === undefined) return report('bug', stack ?? message);
  const sentence = `${message}${detailsOf(details, message)}`;
  if (status === 401)
    return report('wrongKey', `${sentence} "everfetch login" asks for a key; EVERFETCH_API_KEY and --key are others.`);
  if (status === 403) return report('wrongKey', sentence);
  if (status >= 500 || code === 'not_everfetch')
    return report('unreachable', `${sentence}${requestId === undefined ? '' : ` (request ${requestId})`}`);
  return report('refused', sentence);
}

const MAX_DETAILS = 5;

/** The details that the sentence does not say already, as further sentences on the same line. */
function detailsOf(details: NonNullable<Seen['details']>, sentence: string): string {
  const further = details.filter((each) => !sentence.includes(each.message));
  const shown = further.slice(0, MAX_DETAILS).map(({ path, message }) => ` ${path} ${message}.`);
  const left = further.length - MAX_DETAILS;
  return shown.join('') + (left > 0 ? ` And ${left} more.` : '');
}
