import { deliveryRound, deliveryVictims } from './delivery-round';
import type { DeliveryRoundResult } from './delivery-round';
import { runRounds } from './run-rounds';
import type { RoundSizes, RunOptions } from './run-rounds';
import { deliveryTable, writeDeliveryReport } from './write-delivery-report';

export const FULL_DELIVERIES: RoundSizes = { rounds: 10, pages: 2_000 };

/** @returns whether everything was right */
export async function runDeliveryRounds(options: RunOptions): Promise<boolean> {
  const { rounds, pages, seed, say } = options;
  const results = await runRounds({ ...options, victims: deliveryVictims, round: deliveryRound, failed });
  say(`\n${deliveryTable(results)}`);
  if (rounds >= FULL_DELIVERIES.rounds && pages >= FULL_DELIVERIES.pages)
    say(`written to ${await writeDeliveryReport({ pages, seed, results })}`);
  return results.every(({ problems }) => problems.length === 0);
}

/** A round that cannot be brought to its end is a wrong one. */
const failed = (what: string, problem: string): DeliveryRoundResult => ({
  what,
  progress: Number.NaN,
  recoveryMs: undefined,
  calledBackMs: 0,
  calls: 0,
  refused: 0,
  repeated: 0,
  problems: [problem],
});
