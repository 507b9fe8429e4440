import { createHash, randomInt } from 'node:crypto';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findFreePort } from '../../src/embedded/ports';
import { createJobId } from '../../src/jobs/job-id';
import { startCuttingProxy } from '../support/cutting-proxy';
import { addOtherKey } from '../support/test-keys';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { World } from './run-scenario';

/** What the scenario of the clients is run in: a service, and what is around it. */
export interface ClientsWorld {
  /** A world with a receiver of its own, for one run of the scenario. It can be sent as JSON. */
  forRun(run: string): Promise<World>;
  /** How many connections to the service were broken off. */
  cuts(): number;
  close(): Promise<void>;
}

export async function startClientsWorld(): Promise<ClientsWorld> {
  const service = await startTestService({ env: { CORS_ORIGINS: '*' } });
  await addOtherKey(service.db.database);
  const target = await serve(answerPage);
  const proxy = await startCuttingProxy(Number(new URL(service.url).port), () => randomInt(1_500, 12_000));
  const closing = [target.close, () => proxy.close()];
  const nobody = await findFreePort();
  return {
    async forRun(run) {
      const receiver = await serve((req, res) => void req.resume().on('end', () => res.end()));
      closing.push(receiver.close);
      return {
        variables: { run, target: target.url, receiver: `${receiver.url}/hook`, unknownJob: createJobId() },
        urls: { service: service.url, cuts: proxy.url, nothing: `http://127.0.0.1:${nobody}` },
        keys: { own: TEST_KEY, other: 'other', wrong: 'no-key-of-anybody' },
      };
    },
    cuts: () => proxy.cuts,
    async close() {
      await service.stop();
      await Promise.all(closing.map((close) => close()));
    },
  };
}

/** `/page/N` with a part that does not compress, so that connections break off in the middle of results. */
const answerPage: RequestListener = (req, res) => {
  const [, number] = /^\/page\/(\d+)$/.exec(req.url ?? '') ?? [];
  if (number === undefined) return; // it never answers
  const noise = Array.from({ length: 8 }, (_, index) =>
    createHash('sha256').update(`${number} ${index}`).digest('hex'),
  );
  res.setHeader('content-type', 'text/html');
  res.end(`<h1>page ${number}</h1><p>${noise.join(' ')}</p>`);
};

async function serve(
  listener: RequestListener,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
