/* Crash rounds: batches in whose middle something is killed. Exit code 1 when anything was lost, doubled or mixed up. */
import { parseArgs } from 'node:util';
import { crashRound } from './crash-round';
import type { RoundResult } from './crash-round';
import { startEmbeddedDeployment, startSplitDeployment, victims } from './deployments';
import type { Deployment, Victim } from './deployments';
import { fullDiskRound } from './full-disk-round';
import { smallDiskObstacle } from './small-disk';
import { reportTable, writeReport } from './write-report';

const FULL = { rounds: 20, pages: 2_000 };

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Settings {
  readonly rounds: number;
  readonly pages: number;
  readonly seed: number;
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: { rounds: { type: 'string' }, urls: { type: 'string' }, seed: { type: 'string' } },
  });
  const { env } = process;
  const number = (name: string, text: string | undefined, otherwise: number) => {
    const value = Number(text ?? otherwise);
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} must be a whole number from 1`);
    return value;
  };
  return {
    rounds: number('rounds', values.rounds ?? env['CRASH_ROUNDS'], FULL.rounds),
    pages: number('urls', values.urls ?? env['CRASH_URLS'], FULL.pages),
    seed: number('seed', values.seed ?? env['CRASH_SEED'], 1 + Math.floor(Math.random() * 1e9)),
  };
}

/** Kept from round to round, so that a start also meets what earlier crashes have left; after a round that went wrong, a new one. */
class Deployments {
  readonly #running = new Map<string, Deployment>();

  async for(victim: Victim): Promise<Deployment> {
    const mode = victim === 'worker' ? 'split' : 'embedded';
    const found =
      this.#running.get(mode) ?? (await (mode === 'split' ? startSplitDeployment() : startEmbeddedDeployment()));
    this.#running.set(mode, found);
    return found;
  }

  async drop(deployment: Deployment): Promise<void> {
    for (const [mode, each] of this.#running) if (each === deployment) this.#running.delete(mode);
    await deployment.stop();
  }

  async dropAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((each) => this.drop(each)));
  }
}

/** A round that cannot be brought to its end is a wrong one. */
async function judged(what: string, round: () => Promise<RoundResult>): Promise<RoundResult> {
  try {
    return await round();
  } catch (error) {
    const problems = [error instanceof Error ? error.message : String(error)];
    return {
      what,
      progress: Number.NaN,
      recoveryMs: undefined,
      batchMs: 0,
      refetched: 0,
      callbackDuplicates: 0,
      problems,
    };
  }
}

async function main(): Promise<boolean> {
  const settings = readSettings();
  const { rounds, pages, seed } = settings;
  say(`${rounds} rounds of ${pages} URLs, CRASH_SEED=${seed}`);
  const deployments = new Deployments();
  const results: RoundResult[] = [];
  const note = (result: RoundResult) => {
    results.push(result);
    say(`round ${results.length}: ${result.what}: ${result.problems.join('; ') || 'right'}`);
  };
  const onSignal = () => void deployments.dropAll().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    for (let round = 0; round < rounds; round++) {
      const victim = victims[round % victims.length] ?? 'service';
      const deployment = await deployments.for(victim);
      const result = await judged(`kill -9 (${victim})`, () =>
        crashRound({ deployment, victim, pages, seed: seed + round }),
      );
      note(result);
      if (result.problems.length === 0) continue;
      say(deployment.output().slice(-8_000));
      await deployments.drop(deployment);
    }
  } finally {
    await deployments.dropAll();
  }
  const obstacle = smallDiskObstacle();
  if (obstacle === undefined) note(await judged('full disk', () => fullDiskRound({ pages, seed: seed + rounds })));
  else say(`!!! The round with a full disk was NOT run: it needs to mount a small file system (${obstacle}).`);

  say(`\n${reportTable(results)}`);
  if (rounds >= FULL.rounds && pages >= FULL.pages) say(`written to ${await writeReport({ pages, seed, results })}`);
  return results.every(({ problems }) => problems.length === 0);
}

main().then(
  (isRight) => process.exit(isRight ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
