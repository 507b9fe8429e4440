import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { extname, join } from 'node:path';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { MAX_MESSAGE_HEADER_BYTES, TOKEN_HEADER } from './impersonate-message';
import type { BrowserOrder, BrowserSettings } from './impersonate-message';

export type ProcessSettings = Omit<BrowserSettings, 'token'>;

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 2_000;
const MAX_CONNECTIONS = 256;

/** A browser process that listens, and the connections to it. */
export interface BrowserProcess {
  readonly pid: number | undefined;
  readonly isAlive: boolean;
  send(order: BrowserOrder, handler: Dispatcher.DispatchHandler): void;
  stop(): Promise<void>;
}

/** Starts one. Rejects when it does not come up; then nothing stays. */
export async function startBrowserProcess(settings: ProcessSettings): Promise<BrowserProcess> {
  const token = randomBytes(24).toString('base64url');
  // Beside this file, compiled or not: from sources, as under test, it needs what makes JavaScript of TypeScript.
  const extension = extname(__filename);
  const child = fork(join(__dirname, `impersonate-main${extension}`), [], {
    execArgv: ['--expose-gc', ...(extension === '.ts' ? ['--import', 'tsx'] : [])],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('error', () => undefined); // of a message that could not be sent; the end of the process says the rest
  try {
    child.send({ ...settings, token } satisfies BrowserSettings);
    const port = await portOf(child, gone);
    child.unref();
    child.channel?.unref();
    return running(child, gone, { port, token });
  } catch (error) {
    await stop(child, gone);
    throw error;
  }
}

function running(
  child: ChildProcess,
  gone: Promise<void>,
  { port, token }: { readonly port: number; readonly token: string },
): BrowserProcess {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    headersTimeout: 0, // the attempt's clock ends it
    bodyTimeout: 0,
    maxHeaderSize: MAX_MESSAGE_HEADER_BYTES,
  });
  void gone.then(() => pool.destroy());
  return {
    pid: child.pid,
    get isAlive() {
      return child.exitCode === null && child.signalCode === null;
    },
    send(order, handler) {
      const headers = { [TOKEN_HEADER]: token };
      pool.dispatch({ path: '/', method: 'POST', headers, body: JSON.stringify(order) }, handler);
    },
    async stop() {
      await pool.destroy();
      await stop(child, gone);
    },
  };
}

function portOf(child: ChildProcess, gone: Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the browser process did not start in time')), START_TIMEOUT_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as { readonly port: number }).port); // as: from our own program
    });
    void gone.then(() => {
      clearTimeout(timer);
      reject(new Error('the browser process ended while it started'));
    });
  });
}

/** It leaves when it is let go of. */
async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.ref();
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(timer);
}
