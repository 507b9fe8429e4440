/** Exit codes of every command; 69 and 78 are those of sysexits.h (https://man.freebsd.org/cgi/man.cgi?sysexits). */
export const exitCodes = {
  done: 0,
  /** What was asked for cannot be done, or a bug. */
  failed: 1,
  /** There is no such command or option. */
  usage: 2,
  /** EX_UNAVAILABLE: a server, a port, the disk. */
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

/** What the end of a command says about an error: what people can mend has a message of its own; only a bug needs its stack. */
export function reportOf(error: unknown): Report {
  const { name, message, stack } = error as Error;
  const code = CODES[name];
  return code === undefined ? { code: exitCodes.failed, text: stack ?? message } : { code, text: message };
}
