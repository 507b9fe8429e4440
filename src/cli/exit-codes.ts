/** Exit codes of the commands that talk to a service, with what docs/cli.md says about each. */
export const cliExitCodes = {
  done: { code: 0, meaning: 'done; of a command that waits: every URL has finished' },
  usage: { code: 1, meaning: 'a command, an option or its value is wrong; nothing was sent' },
  someFailed: { code: 2, meaning: 'it has ended, and some URLs failed or were cancelled' },
  unreachable: { code: 3, meaning: 'the service cannot be reached, or answers that it cannot work now' },
  wrongKey: { code: 4, meaning: 'the API key is missing, unknown, revoked, or may not do this' },
  refused: { code: 5, meaning: 'the service refused the request: there is no such thing, or it is in another state' },
  file: { code: 6, meaning: 'a file cannot be read or written, or is not what its name says' },
  bug: { code: 70, meaning: 'a bug, with its stack (EX_SOFTWARE)' },
  interrupted: { code: 130, meaning: 'interrupted by Ctrl-C or a signal; the last line says how to go on' },
  brokenPipe: { code: 141, meaning: 'the reader of the output has gone, as after `| head`' },
} as const;

export type CliOutcome = keyof typeof cliExitCodes;
