import { crashRound } from '../crash/crash-round';
import { deliveryRound, deliveryVictims } from '../crash/delivery-round';
import { DeploymentPool } from '../crash/deployment-pool';
import { victims } from '../crash/deployments';
import type { Deployment, Victim } from '../crash/deployments';
import { fullDiskRound } from '../crash/full-disk-round';
import { smallDiskObstacle } from '../crash/small-disk';

jest.setTimeout(400_000);

/**
 * The short form of `npm run test:crash` and `npm run test:crash -- --deliveries`: one round of each kind, whose victim goes by the seed, so
 * that all get their turn from run to run.
 */
const PAGES = 600;
const CALLED_BACK_PAGES = 400;
/** One deployment of each mode serves round after round, as in the long form. After a round that went wrong, a new one is made. */
const deployments = new DeploymentPool();
afterAll(() => deployments.dropAll());

async function inRound(
  victim: Victim,
  round: (deployment: Deployment) => Promise<{ readonly problems: readonly string[] }>,
) {
  const deployment = await deployments.for(victim);
  const { problems } = await round(deployment).catch(async (error: unknown) => {
    await deployments.drop(deployment);
    throw error;
  });
  if (problems.length > 0) await deployments.drop(deployment);
  expect({ seed, problems }).toEqual({ seed, problems: [] });
}

const seed = Number(process.env['CRASH_SEED'] ?? 1 + Math.floor(Math.random() * 1e9));

/** @returns one of several, by the seed */
const chosen = <T>(all: readonly T[]): readonly T[] => [all[seed % all.length] as T]; // as: it is within

test.each(chosen(victims))('kill -9 in the middle of a batch loses, doubles and mixes up nothing (%s)', (victim) =>
  inRound(victim, (deployment) => crashRound({ deployment, victim, pages: PAGES, seed })),
);

test.each(chosen(deliveryVictims))(
  'kill -9 in the middle of the callbacks loses, forges and mixes up none (%s)',
  (victim) =>
    inRound(victim, (deployment) =>
      deliveryRound({ deployment, victim, pages: CALLED_BACK_PAGES, seed, mostTroubles: 1 }),
    ),
);

const obstacle = smallDiskObstacle();
if (obstacle !== undefined)
  process.stderr.write(
    `\n!!! SKIPPED: the test with a full disk needs to mount a small file system (${obstacle}).\n\n`,
  );

(obstacle === undefined ? test : test.skip)(
  'on a full disk nothing half-written is served, and with room again the batch ends right',
  async () => {
    const { problems } = await fullDiskRound({ pages: PAGES, seed });
    expect({ seed, problems }).toEqual({ seed, problems: [] });
  },
);
