/*
 * Crash rounds: batches in whose middle something is killed, or with `--deliveries` in the middle of their callbacks. Exit
 * code 1 when anything was lost, doubled or mixed up.
 */
import { parseArgs } from 'node:util';
import { DeploymentPool } from './deployment-pool';
import { FULL_CRASHES, runCrashRounds } from './run-crash-rounds';
import { FULL_DELIVERIES, runDeliveryRounds } from './run-delivery-rounds';
import type { RoundSizes } from './run-rounds';

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Settings extends RoundSizes {
  readonly isOfDeliveries: boolean;
  readonly seed: number;
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      deliveries: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      urls: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const { env } = process;
  const number = (name: string, text: string | undefined, otherwise: number) => {
    const value = Number(text ?? otherwise);
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} must be a whole number from 1`);
    return value;
  };
  const full = values.deliveries ? FULL_DELIVERIES : FULL_CRASHES;
  return {
    isOfDeliveries: values.deliveries,
    rounds: number('rounds', values.rounds ?? env['CRASH_ROUNDS'], full.rounds),
    pages: number('urls', values.urls ?? env['CRASH_URLS'], full.pages),
    seed: number('seed', values.seed ?? env['CRASH_SEED'], 1 + Math.floor(Math.random() * 1e9)),
  };
}

async function main(): Promise<boolean> {
  const { isOfDeliveries, ...settings } = readSettings();
  say(`${settings.rounds} rounds of ${settings.pages} URLs, CRASH_SEED=${settings.seed}`);
  const deployments = new DeploymentPool();
  const onSignal = () => void deployments.dropAll().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  return (isOfDeliveries ? runDeliveryRounds : runCrashRounds)({ ...settings, deployments, say });
}

main().then(
  (isRight) => process.exit(isRight ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
