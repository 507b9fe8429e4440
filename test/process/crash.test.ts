import { crashRound } from '../crash/crash-round';
import { deliveryRound, deliveryVictims } from '../crash/delivery-round';
import { startDeploymentFor, victims } from '../crash/deployments';
import { fullDiskRound } from '../crash/full-disk-round';
import { smallDiskObstacle } from '../crash/small-disk';

jest.setTimeout(400_000);

/** The short form of `npm run test:crash` and `npm run test:crash -- --deliveries`: one round of each kind. */
const PAGES = 600;
const CALLED_BACK_PAGES = 400;
const seed = Number(process.env['CRASH_SEED'] ?? 1 + Math.floor(Math.random() * 1e9));

test.each(victims)('kill -9 in the middle of a batch loses, doubles and mixes up nothing (%s)', async (victim) => {
  const deployment = await startDeploymentFor(victim);
  try {
    const { problems } = await crashRound({ deployment, victim, pages: PAGES, seed });
    expect({ seed, problems }).toEqual({ seed, problems: [] });
  } finally {
    await deployment.stop();
  }
});

test.each(deliveryVictims)(
  'kill -9 in the middle of the callbacks loses, forges and mixes up none (%s)',
  async (victim) => {
    const deployment = await startDeploymentFor(victim);
    try {
      const { problems } = await deliveryRound({ deployment, victim, pages: CALLED_BACK_PAGES, seed, mostTroubles: 1 });
      expect({ seed, problems }).toEqual({ seed, problems: [] });
    } finally {
      await deployment.stop();
    }
  },
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
