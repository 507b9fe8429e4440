import { z } from 'zod';
import { proxyTiers } from './features';
import { planReasons } from './plan-reasons';
import { engineNames } from './tried-attempt';
import type { NextAttempt, TriedAttempt } from './tried-attempt';

const time = z.iso.datetime();
const tier = z.enum(proxyTiers).optional().describe('Tier of the proxy, when one is used.');

/** The attempts of a job, as `GET /jobs/:id?attempts=true` shows them. */
export const Attempts = z
  .array(
    z.strictObject({
      at: time.optional().describe('When it began.'),
      durationMs: z.int().min(0).optional(),
      kind: z.string().describe('What it came to: `page`, or one of the reasons of `lastFailure`.'),
      statusCode: z.int().optional(),
      code: z.string().optional().describe('Error code, when the target could not be reached.'),
      vendor: z.string().optional().describe('Vendor of the protection that blocked it.'),
      engine: z.enum(engineNames),
      tier,
      proxy: z.string().optional().describe('Its proxy, without credentials; only shown to the key of the job.'),
      nextAt: time.optional().describe('When the next attempt was due.'),
      next: z
        .strictObject({
          engine: z.enum(engineNames),
          tier,
          why: z.string().describe('Why it is made like this, as a sentence.'),
        })
        .optional()
        .describe('How the next attempt was planned.'),
    }),
  )
  .max(20)
  .describe(
    'Only with `?attempts=true`: the last 20 attempts, the oldest first; empty where the first one brought the page. Attempts of before an upgrade have no times.',
  );
export type Attempts = z.output<typeof Attempts>;

/** @param showsProxies whether whoever asks may know the owner's proxies */
export const attemptObjects = (
  tried: readonly TriedAttempt[],
  { showsProxies }: { readonly showsProxies: boolean },
): Attempts =>
  tried.map(({ at, durationMs, kind, statusCode, code, vendor, engine, tier: ownTier, proxy, nextAt, next }) => ({
    ...(at !== undefined && { at: new Date(at).toISOString() }),
    ...(durationMs !== undefined && { durationMs }),
    kind,
    ...(statusCode !== undefined && { statusCode }),
    ...(code !== undefined && { code }),
    ...(vendor !== undefined && { vendor }),
    engine,
    ...(ownTier !== undefined && { tier: ownTier }),
    ...(showsProxies && proxy !== undefined && { proxy }),
    ...(nextAt !== undefined && { nextAt: new Date(nextAt).toISOString() }),
    ...(next !== undefined && { next: nextObject(next) }),
  }));

const nextObject = ({ engine, tier: nextTier, isOtherProxy, why }: NextAttempt) => ({
  engine,
  ...(nextTier !== undefined && { tier: nextTier }),
  why:
    isOtherProxy === true ? `${planReasons[why]} It goes through another proxy, where there is one.` : planReasons[why],
});
