import { Writable } from 'node:stream';
import pino from 'pino';
import type { Logger } from '../../src/telemetry/logger';

export interface CollectedLogs {
  readonly logger: Logger;
  readonly entries: Record<string, unknown>[];
}

/** A logger that keeps what it is told, at every level. */
export function collectLogs(): CollectedLogs {
  const entries: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      entries.push(JSON.parse(chunk.toString('utf8')) as Record<string, unknown>);
      done();
    },
  });
  return { logger: pino({ level: 'trace' }, sink), entries };
}
