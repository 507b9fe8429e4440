/* Single jobs on the embedded stack against a bare no-op workflow on the same Temporal server, in the same run. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { Agent, request } from 'undici';
import { createService } from '../src/service/create-service';
import { installTemporalRuntime } from '../src/service/install-temporal-runtime';
import { loadConfig } from '../src/config/config';
import { findFreePort } from '../src/embedded/ports';
import { createLogger } from '../src/telemetry/logger';
import { startEmbeddedServers } from './embedded-servers';
import { reportFigures } from './figures';
import { median, percentile, rateOf } from './measure';
import { NO_OP_QUEUE, createNoOpWorker } from './no-op-worker';
import { runScript } from './run-script';

const JOBS = Number(process.env['BENCH_JOBS'] ?? 400);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const WIDTH = 32;
const IDLE_JOBS = 60;
const KEY = 'bench-key';

async function main(): Promise<void> {
  const logger = createLogger('warn');
  installTemporalRuntime(logger);
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const servers = await startEmbeddedServers(logger);
    closing.push(() => servers.stop());
    const target = createServer((_req, res) => res.setHeader('content-type', 'text/html').end('x'.repeat(20_000)));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    closing.push(async () => target.close());
    const targetUrl = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;

    const port = await findFreePort();
    const config = loadConfig({
      PORT: String(port),
      DATA_DIR: servers.dataDir,
      API_KEY: KEY,
      ALLOW_PRIVATE_TARGETS: '127.0.0.1/32',
      LOG_LEVEL: 'warn',
    });
    const service = await createService({
      config,
      roles: ['api', 'worker'],
      databaseUrl: servers.databaseUrl,
      temporalAddress: servers.temporalAddress,
      logger,
    });
    closing.push(() => service.stop());
    await service.connected;
    const http = new Agent({ connections: WIDTH });
    closing.push(() => http.destroy());
    const url = `http://127.0.0.1:${port}`;

    const connection = await NativeConnection.connect({ address: servers.temporalAddress });
    const client = new Client({ connection });
    const worker = await createNoOpWorker(connection);
    const working = worker.run();
    closing.push(async () => {
      worker.shutdown();
      await working;
      await connection.close();
    });

    const submit = async (): Promise<string> => {
      const { body } = await request(`${url}/jobs`, {
        dispatcher: http,
        method: 'POST',
        body: JSON.stringify({ apiKey: KEY, url: targetUrl }),
      });
      return ((await body.json()) as { id: string }).id;
    };
    const isFinished = async (id: string): Promise<boolean> => {
      const { body } = await request(`${url}/jobs/${id}?response=false`, { dispatcher: http });
      return ((await body.json()) as { status: string }).status === 'finished';
    };
    const untilFinished = async (id: string, everyMs: number): Promise<void> => {
      while (!(await isFinished(id))) await new Promise((resolve) => setTimeout(resolve, everyMs));
    };
    const noOp = async (index: number) => {
      await client.workflow.execute('noOpWorkflow', {
        workflowId: `no-op/${process.hrtime.bigint()}-${index}`,
        taskQueue: NO_OP_QUEUE,
        requestEagerStart: true,
      });
    };
    // The row tells when a job ended, so that waiting for it does not load the machine that is measured.
    const job = async () => {
      const id = await submit();
      await endOf(client, `job/${id}`);
    };

    await rateOf(60, WIDTH, noOp); // warm-up of both sides
    await rateOf(60, WIDTH, job);

    const latencies: number[] = [];
    for (let sample = 0; sample < IDLE_JOBS; sample++) {
      const startedAt = process.hrtime.bigint();
      await untilFinished(await submit(), 5);
      latencies.push(Number(process.hrtime.bigint() - startedAt) / 1e6);
    }
    console.log(
      `idle, POST to finished: p50 ${percentile(latencies, 0.5).toFixed(0)} ms, p95 ${percentile(latencies, 0.95).toFixed(0)} ms (${latencies.length} jobs)`,
    );

    const rounds: { noOp: number; job: number }[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const bare = await rateOf(JOBS, WIDTH, noOp);
      const jobs = await rateOf(JOBS, WIDTH, job);
      rounds.push({ noOp: bare, job: jobs });
      console.log(
        `round ${round}: bare no-op workflow ${bare.toFixed(1)}/s, everfetch job ${jobs.toFixed(1)}/s, ratio ${(jobs / bare).toFixed(2)}`,
      );
    }
    console.log(`ratio, median of ${ROUNDS}: ${median(rounds.map((round) => round.job / round.noOp)).toFixed(2)}`);
    reportFigures('single-jobs', {
      idleJobs: IDLE_JOBS,
      idleP50Ms: percentile(latencies, 0.5),
      idleP95Ms: percentile(latencies, 0.95),
      inFlight: WIDTH,
      rounds,
    });
  } finally {
    for (const close of closing.reverse()) await close();
    await Runtime.instance().shutdown();
  }
}

/** Waits for a workflow. On a busy machine it may start only after the answer to its submission, by the dispatcher. */
async function endOf(client: Client, workflowId: string): Promise<void> {
  for (;;) {
    try {
      await client.workflow.getHandle(workflowId).result();
      return;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

runScript(main);
