import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import pino from 'pino';
import type pinoPretty from 'pino-pretty';

export type Logger = pino.Logger;

/** Formats of the log. `pretty` is for people; `auto` means `pretty` on a terminal and `json` otherwise. */
export const logFormats = ['auto', 'json', 'pretty'] as const;
export type LogFormat = (typeof logFormats)[number];

const STDERR = 2;

/**
 * Creates a logger that writes a line per event to standard error, so that standard output stays free for text for people.
 * @param fields further fields of every line, such as which of several processes wrote it
 */
export function createLogger(
  level: string,
  fields: Readonly<Record<string, unknown>> = {},
  format: LogFormat = 'auto',
): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { ...fields },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['apiKey', 'api_key', 'authorization', '*.apiKey', '*.authorization'], censor: '[redacted]' },
  };
  const isPretty = format === 'pretty' || (format === 'auto' && isatty(STDERR));
  return pino(options, isPretty ? prettyStream() : pino.destination({ dest: STDERR, sync: false }));
}

/** Loads the formatter only when it is used. Lines are written at once, because a person may be waiting for them. */
function prettyStream(): pinoPretty.PrettyStream {
  const pretty = createRequire(__filename)('pino-pretty') as typeof pinoPretty; // as: what `require` returns has no type
  return pretty({
    ...{ destination: STDERR, sync: true, singleLine: true, translateTime: 'SYS:HH:MM:ss.l' },
    colorize: isatty(STDERR) && pretty.isColorSupported,
  });
}
