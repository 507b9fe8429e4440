import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, createApiClient } from './api-client';
import { findFreePorts } from './loopback';
import { type DemoReceiver, startReceiver } from './receiver';
import { startServiceProcess } from './service-process';
import { type Shop, startShop } from './shop';

/** Everything that runs during the demo. */
export interface Stack {
  readonly origin: string;
  readonly apiKey: string;
  readonly webUi: string;
  readonly api: ApiClient;
  readonly shop: Shop;
  readonly receiver: DemoReceiver;
  /** The last output of the service, which is the first thing to read when something went wrong. */
  lastOutput(): string;
  waitUntilReady(): Promise<void>;
}

export interface StackOptions {
  readonly everfetchBin: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends all waiting. The stack itself aborts it when the service ends on its own. */
  readonly halt: AbortController;
  /** Called with a clean-up as soon as it is needed, so that a half-started stack is cleaned up as well. */
  readonly onCleanup: (undo: () => Promise<void>) => void;
}

/** Time for a first start, of which PostgreSQL's `initdb` takes the most. */
const readyWithinMs = 120_000;

/** Starts shop, receiver and service on free ports and a temporary data folder; `waitUntilReady` is the next step. */
export async function startStack({ everfetchBin, env, halt, onCleanup }: StackOptions): Promise<Stack> {
  const shop = await startShop();
  onCleanup(() => shop.close());
  const receiver = await startReceiver(({ url }) => Number(url.split('/').at(-1)) % 97 === 5); // products 5, 102, 199 and 296
  onCleanup(() => receiver.close());

  const dataDir = await mkdtemp(join(env.TMPDIR ?? tmpdir(), 'everfetch-demo-'));
  onCleanup(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  // mkdtemp creates it with mode 0700. Started by root, PostgreSQL runs as another user, who has to reach its own folder.
  await chmod(dataDir, 0o711);

  const [port = 0, postgresPort = 0, temporalPort = 0, uiPort = 0] = await findFreePorts(4);
  const apiKey = `demo-${randomBytes(12).toString('hex')}`;
  const origin = `http://127.0.0.1:${port}`;
  const service = startServiceProcess(everfetchBin, {
    ...env,
    ...blankSettings,
    HOST: '127.0.0.1',
    PORT: String(port),
    EMBEDDED_POSTGRES_PORT: String(postgresPort),
    EMBEDDED_TEMPORAL_PORT: String(temporalPort),
    TEMPORAL_UI_PORT: String(uiPort),
    DATA_DIR: dataDir,
    API_KEY: apiKey,
    ALLOW_PRIVATE_TARGETS: '127.0.0.1/32', // permits shop and receiver
    ATTEMPT_TIMEOUT_SEC: '3', // the stalled pages should not take a minute each
    LOG_LEVEL: 'warn',
  });
  onCleanup(() => service.stop());
  void service.ended.then((how) => halt.abort(new Error(`everfetch ${how}`)));

  const api = createApiClient({ origin, apiKey, signal: halt.signal });
  onCleanup(() => api.close());
  return {
    origin,
    apiKey,
    webUi: `http://127.0.0.1:${uiPort}/namespaces/default/workflows`,
    api,
    shop,
    receiver,
    lastOutput: () => service.lastOutput(),
    waitUntilReady: () => waitUntilReady(api, halt.signal),
  };
}

/** Settings that are emptied, which equals unset: the demo must touch no database or server of the caller's environment. */
const blankSettings = Object.fromEntries(
  [
    'DATABASE_URL',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'PUBLIC_URL',
    'MAX_CONCURRENT_FETCHES',
    'MAX_FETCHES_PER_HOST',
    'JOB_WORKFLOWS_UP_TO',
    'RETENTION_HOURS',
  ].map((name) => [name, '']),
);

async function waitUntilReady(api: ApiClient, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (!(await api.isReady())) {
    if (Date.now() > deadline) throw new Error(`everfetch was not ready within ${readyWithinMs / 1_000} s`);
    await sleep(200, undefined, { signal });
  }
}
