/** Exit codes of every command; 69 and 78 are those of sysexits.h (https://man.freebsd.org/cgi/man.cgi?sysexits). */
export const exitCodes = {
  done: 0,
  /** The command could not do its work, or there is a bug. */
  failed: 1,
  /** The command or an option is unknown. */
  usage: 2,
  /** EX_UNAVAILABLE: a server, a port or the disk cannot be used. */
  unavailable: 69,
  /** EX_CONFIG: a setting is wrong. */
  config: 78,
} as const;

const CODES: Readonly<Record<string, number>> = {
  ConfigError: exitCodes.config,
  UnavailableError: exitCodes.unavailable,
  PortTakenError: exitCodes.unavailable,
  DataDirLockedError: exitCodes.unavailable,
  TemporalCliNotFoundError: exitCodes.unavailable,
  EmbeddedServerError: exitCodes.unavailable,
  CannotError: exitCodes.failed,
};

export interface Report {
  readonly code: number;
  readonly text: string;
}

/** Chooses what a command prints about an error. Errors that people can mend have a message of their own; only bugs need their stack. */
export function reportOf(error: unknown): Report {
  const { name, message, stack } = error as Error;
  const code = CODES[name];
  return code === undefined ? { code: exitCodes.failed, text: stack ?? message } : { code, text: message };
}
