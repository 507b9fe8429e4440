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

/** Gives Temporal our logger, and no signal handlers, because we stop in our own order. To be called once per process, before anything else of Temporal's. */
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

/** The queue for rendering has activities only. */
const isIntended = (message: string): boolean => message.startsWith('No workflows registered');

/** Symbols and bigints of the SDK's metadata do not survive JSON; errors are kept as their text. */
function describe(meta: Record<string, unknown> = {}): Record<string, unknown> {
  const entries = Object.entries(meta).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  const { error } = meta;
  return { ...Object.fromEntries(entries), ...(error instanceof Error && { err: `${error.name}: ${error.message}` }) };
}
