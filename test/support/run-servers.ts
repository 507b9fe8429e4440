import { rm } from 'node:fs/promises';

interface Server {
  stop(): Promise<void>;
}

interface Run {
  readonly folder: string;
  readonly servers: Server[];
}

/** Jest loads set-up and teardown apart from each other, so what one hands to the other lives on the process. */
const shared = globalThis as typeof globalThis & { everfetchTestRun?: Run };

export function keepForTeardown(folder: string): Server[] {
  const servers: Server[] = [];
  shared.everfetchTestRun = { folder, servers };
  return servers;
}

export async function stopRunServers(): Promise<void> {
  const run = shared.everfetchTestRun;
  if (run === undefined) return;
  await Promise.all(run.servers.map((server) => server.stop()));
  await rm(run.folder, { recursive: true, force: true });
}
