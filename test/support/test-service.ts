import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import { Client } from '@temporalio/client';
import { createService } from '../../src/service/create-service';
import type { Service } from '../../src/service/create-service';
import type { Role } from '../../src/service/shared-parts';
import { installTemporalRuntime } from '../../src/service/install-temporal-runtime';
import { loadConfig } from '../../src/config/config';
import { findFreePort } from '../../src/embedded/ports';
import { createLogger } from '../../src/telemetry/logger';
import type { Logger } from '../../src/telemetry/logger';
import { createTestDatabase } from './test-database';
import type { TestDatabase } from './test-database';

export const TEST_KEY = 'test-key-of-the-suite';

export interface TestService {
  readonly url: string;
  readonly service: Service;
  readonly db: TestDatabase;
  readonly client: Client;
  readonly queuePrefix: string;
  readonly dataDir: string;
  /** JSON of an answer, with its status and headers. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

let isRuntimeInstalled = false;

/** The whole service in this process, on the run's real Temporal and PostgreSQL, with queues and a database of its own. */
export async function startTestService(
  options: {
    readonly env?: Record<string, string>;
    readonly roles?: readonly Role[];
    /** @default that of the run */
    readonly temporalAddress?: string;
    /** @default one that writes what `TEST_LOG_LEVEL` lets through */
    readonly logger?: Logger;
    /** Another one whose database, pages and queues it shares, as a second server of the same installation. It is stopped before that one. */
    readonly beside?: Pick<TestService, 'db' | 'dataDir' | 'queuePrefix'>;
  } = {},
): Promise<TestService> {
  const logger = options.logger ?? createLogger(process.env['TEST_LOG_LEVEL'] ?? 'silent');
  if (!isRuntimeInstalled) installTemporalRuntime(logger);
  isRuntimeInstalled = true;
  const temporalAddress = options.temporalAddress ?? process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const { beside } = options;
  const db = beside?.db ?? (await createTestDatabase());
  const dataDir = beside?.dataDir ?? (await mkdtemp(join(tmpdir(), 'everfetch-test-')));
  const port = await findFreePort();
  const config = loadConfig({
    PORT: String(port),
    DATA_DIR: dataDir,
    API_KEY: TEST_KEY,
    ALLOW_PRIVATE_TARGETS: '127.0.0.1/32',
    ATTEMPT_TIMEOUT_SEC: '5',
    ...options.env,
  });
  const queuePrefix = beside?.queuePrefix ?? `test-${randomUUID()}`;
  const service = await createService({
    config,
    roles: options.roles ?? ['api', 'worker'],
    databaseUrl: db.url,
    temporalAddress,
    logger,
    queuePrefix,
    workflowBundle: process.env['TEST_WORKFLOW_BUNDLE'],
  });
  await service.connected;
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    service,
    db,
    queuePrefix,
    dataDir,
    client: new Client({ connection }),
    call: (method, path, body, headers) => call(url, method, path, body, headers),
    async stop() {
      await service.stop();
      await connection.close();
      if (beside !== undefined) return;
      await db.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text, response.headers) };
}

function parsed(text: string, headers: Headers): unknown {
  if (text === '') return undefined;
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('application/x-ndjson'))
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  return type.includes('json') ? JSON.parse(text) : text;
}
