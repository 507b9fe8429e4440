import type { DeploymentPool } from './deployment-pool';
import type { Deployment, Victim } from './deployments';

/** How many rounds, and URLs in each. */
export interface RoundSizes {
  readonly rounds: number;
  readonly pages: number;
}

export interface RunOptions extends RoundSizes {
  readonly seed: number;
  readonly deployments: DeploymentPool;
  readonly say: (line: string) => void;
}

interface Judged {
  readonly what: string;
  readonly problems: readonly string[];
}

interface RoundsOptions<V extends Victim, R extends Judged> extends RunOptions {
  readonly victims: readonly V[];
  readonly round: (options: { deployment: Deployment; victim: V; pages: number; seed: number }) => Promise<R>;
  /** What a round is that could not be brought to its end. */
  readonly failed: (what: string, problem: string) => R;
}

/** Rounds with one victim after another, each told as it ends. After one that went wrong, the next has a new deployment. */
export async function runRounds<V extends Victim, R extends Judged>(options: RoundsOptions<V, R>): Promise<R[]> {
  const { rounds, pages, seed, deployments, say, victims, round, failed } = options;
  const results: R[] = [];
  try {
    for (let number = 0; number < rounds; number++) {
      const victim = victims[number % victims.length];
      if (victim === undefined) break;
      const deployment = await deployments.for(victim);
      const result = await round({ deployment, victim, pages, seed: seed + number }).catch((error: unknown) =>
        failed(`kill -9 (${victim})`, error instanceof Error ? error.message : String(error)),
      );
      results.push(result);
      say(`round ${results.length}: ${result.what}: ${result.problems.join('; ') || 'right'}`);
      if (result.problems.length === 0) continue;
      say(deployment.output().slice(-8_000));
      await deployments.drop(deployment);
    }
  } finally {
    await deployments.dropAll();
  }
  return results;
}
