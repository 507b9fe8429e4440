/* Names: a batch whose every URL is on a host name of its own, of which a name server tells the address after 200 ms; beside it, the same URLs by address. */
import { runBatches, verifyBatches } from './batch-run';
import { flushDisk } from './contenders';
import { startService } from './embedded-service';
import type { Service } from './embedded-service';
import { reportFigures } from './figures';
import type { NamesRound } from './figures';
import { startSlowNameServer } from './name-server';
import { pathOf } from './page';
import { runScript } from './run-script';
import { readSettings } from './settings';
import { loopbackHosts } from './slow-web';
import { startTarget } from './target-process';
import type { Target } from './target-process';

const { urls, rounds } = readSettings({ BENCH_URLS: '2000', ...process.env });
const NAME_SERVER_MS = 200;
/** Each round has hosts of its own, so that nobody knows their names; those of block 0 are for the warm-up. */
const BLOCKS = Array.from({ length: rounds + 1 }, (_, block) => block);

let nextRun = 1;

async function main(): Promise<void> {
  const nameServer = await startSlowNameServer(NAME_SERVER_MS);
  const target = await startTarget({ isSlow: { hosts: urls, blocks: BLOCKS } });
  const service = await startService({ env: { DNS_SERVERS: nameServer.address, BROWSER: 'off' } });
  try {
    await secondsOf(service, byAddress(target, 0));
    const measured: NamesRound[] = [];
    for (const round of BLOCKS.slice(1)) {
      const [addresses, names] = [byAddress(target, round), byName(target, round)];
      await nameServer.questions();
      const first = {
        addressSeconds: await secondsOf(service, addresses),
        nameSeconds: await secondsOf(service, names),
      };
      const questions = await nameServer.questions();
      const again = {
        addressSeconds: await secondsOf(service, addresses),
        nameSeconds: await secondsOf(service, names),
      };
      measured.push({ first, again, questions, questionsAgain: await nameServer.questions() });
      const said = ({ addressSeconds, nameSeconds }: typeof first) =>
        `${nameSeconds.toFixed(2)} s by name, ${addressSeconds.toFixed(2)} s by address (${(nameSeconds / addressSeconds).toFixed(2)})`;
      console.log(
        `round ${round}: first ${said(first)}, ${questions} questions; again ${said(again)}, ${measured.at(-1)?.questionsAgain} questions`,
      );
    }
    reportFigures('names', { urls, nameServerMs: NAME_SERVER_MS, rounds: measured });
  } finally {
    await service.stop();
    await target.stop();
    await nameServer.stop();
  }
}

/** From the submission until every page is durable. */
async function secondsOf(service: Service, target: Target): Promise<number> {
  flushDisk();
  const batch = await runBatches(service, target, { mode: 'plain', runs: [nextRun++], count: urls });
  await verifyBatches(service, target, batch);
  return urls / batch.urlsPerSecond;
}

const byAddress = (target: Target, block: number): Target => {
  const hosts = loopbackHosts(urls, block);
  return withHosts(target, (index) => hosts[index] ?? '');
};

const byName = (target: Target, block: number): Target =>
  withHosts(target, (index) => `h${index}.b${block}.bench.test`);

const withHosts = (target: Target, hostOf: (index: number) => string): Target => ({
  ...target,
  urlsOf: (mode, run, count) =>
    Array.from({ length: count }, (_, index) => `http://${hostOf(index)}:${target.port}${pathOf(mode, run, index)}`),
});

runScript(main);
