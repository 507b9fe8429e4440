import { stopRunServers } from './run-servers';

export default async function globalTeardown(): Promise<void> {
  await stopRunServers();
}
