import pino from 'pino';

export type Logger = pino.Logger;

/**
 * One JSON line per event on standard error, so that standard output stays free for what people read.
 * @param fields stand in every line
 */
export function createLogger(level: string, fields: Readonly<Record<string, unknown>> | null = null): Logger {
  return pino(
    {
      level,
      base: fields,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['apiKey', 'api_key', 'authorization', '*.apiKey', '*.authorization'], censor: '[redacted]' },
    },
    pino.destination({ dest: 2, sync: false }),
  );
}
