import { Runtime } from '@temporalio/worker';
import type { LogLevel } from '@temporalio/worker';
import type { Logger } from '../telemetry/logger';

const LEVELS: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'debug',
  WARN: 'warn',
  ERROR: 'error',
};

/**
 * Gives Temporal our logger, and no signal handlers, because everfetch stops in an order of its own. It must be called once per process,
 * before anything else of Temporal's SDK.
 */
export function installTemporalRuntime(logger: Logger): void {
  const log = (level: LogLevel, message: string, meta?: Record<string, unknown>) =>
    logger[isIntended(message) ? 'debug' : LEVELS[level]]({ sdk: 'temporal', ...describe(meta) }, message);
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log,
      trace: (message, meta) => log('TRACE', message, meta),
      debug: (message, meta) => log('DEBUG', message, meta),
      info: (message, meta) => log('INFO', message, meta),
      warn: (message, meta) => log('WARN', message, meta),
      error: (message, meta) => log('ERROR', message, meta),
    },
    telemetryOptions: { logging: { filter: 'WARN', forward: {} } },
  });
}

/** Whether the SDK warns of something that is intended: the queue for rendering has activities only. */
const isIntended = (message: string): boolean => message.startsWith('No workflows registered');

/** Prepares the SDK's metadata for JSON, which cannot hold its symbols and bigints; errors become their text. */
function describe(meta: Record<string, unknown> = {}): Record<string, unknown> {
  const entries = Object.entries(meta).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  const { error } = meta;
  return { ...Object.fromEntries(entries), ...(error instanceof Error && { err: `${error.name}: ${error.message}` }) };
}
