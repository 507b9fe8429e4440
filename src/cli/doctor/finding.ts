/** The checks, in the order in which they are made. */
export const checkNames = [
  'settings',
  'service',
  'postgres',
  'temporal',
  'pages',
  'disk',
  'open-files',
  'browser',
  'proxies',
  'clock',
  'dns',
] as const;
export type CheckName = (typeof checkNames)[number];

/** `warn`: it works, and could work better or break. `fail`: something does not work. */
export type State = 'ok' | 'warn' | 'fail';

/** What a check has seen. */
export interface Finding {
  readonly check: CheckName;
  readonly state: State;
  /** A sentence without its full stop. */
  readonly message: string;
  /** What to do about it, beginning with a verb. */
  readonly mend?: string;
}

export const ok = (check: CheckName, message: string): Finding => ({ check, state: 'ok', message });
export const warn = (check: CheckName, message: string, mend: string): Finding => ({
  ...{ check, state: 'warn', message, mend },
});
export const fail = (check: CheckName, message: string, mend: string): Finding => ({
  ...{ check, state: 'fail', message, mend },
});
