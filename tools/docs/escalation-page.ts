import { planAttempt } from '../../src/fetch/escalation';
import type { AttemptPlan, FetchWish, Means } from '../../src/fetch/escalation';
import { planReasons } from '../../src/jobs/plan-reasons';
import type { TriedAttempt } from '../../src/jobs/tried-attempt';

/** How an attempt failed, whatever engine and proxy made it. */
type Failure = Omit<TriedAttempt, 'engine' | 'tier' | 'proxy'>;

const FAILURES: readonly (readonly [name: string, failure: Failure])[] = [
  [
    'a challenge of a vendor, such as Cloudflare or DataDome',
    { kind: 'blocked', statusCode: 403, vendor: 'cloudflare' },
  ],
  ['a block page that names nobody', { kind: 'blocked', statusCode: 200, vendor: 'generic' }],
  ['status 403 without a block page', { kind: 'refused', statusCode: 403 }],
  ['status 429', { kind: 'throttled', statusCode: 429 }],
  ['the connection is reset', { kind: 'unreachable', code: 'ECONNRESET' }],
  ['TLS does not come about', { kind: 'unreachable', code: 'TLS_CLOSED' }],
  ['the certificate is not accepted', { kind: 'unreachable', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
  ['the answer is not HTTP/1.1', { kind: 'unreachable', code: 'INVALID_RESPONSE' }],
  ['the proxy does not work', { kind: 'unreachable', code: 'PROXY_UNREACHABLE' }],
  ['nobody listens there', { kind: 'unreachable', code: 'ECONNREFUSED' }],
  ['status 500', { kind: 'refused', statusCode: 500 }],
  ['status 503', { kind: 'throttled', statusCode: 503 }],
  ['not what `successWhen` asks for', { kind: 'unsuccessful', statusCode: 200 }],
];

const MEANS: readonly (readonly [name: string, means: Means])[] = [
  ['Nothing configured', { canImpersonate: false, tiers: [] }],
  ['The impersonating engine', { canImpersonate: true, tiers: [] }],
  [
    'The impersonating engine and proxies of every tier',
    { canImpersonate: true, tiers: ['standard', 'premium', 'ultra_premium'] },
  ],
];

const WISHES: readonly (readonly [name: string, wish: FetchWish])[] = [
  ['no parameters', { isRendered: false, tier: 'standard', isSession: false }],
  ['`premium`', { isRendered: false, tier: 'premium', isSession: false }],
  ['`ultra_premium`', { isRendered: false, tier: 'ultra_premium', isSession: false }],
  ['`session_number`', { isRendered: false, tier: 'standard', isSession: true }],
  ['`render`', { isRendered: true, tier: 'standard', isSession: false }],
];

const ATTEMPTS = 8;

/** Plans of the attempts of a job that fails the same way each time. */
function plansOf(failure: Failure, wish: FetchWish, means: Means): readonly AttemptPlan[] {
  const history: TriedAttempt[] = [];
  return Array.from({ length: ATTEMPTS }, (_, index) => {
    const plan = planAttempt(index + 1, history, wish, means);
    const [tier] = plan.tiers;
    const through = tier === undefined ? {} : { tier, proxy: `a proxy of ${tier}` };
    history.push({ ...failure, engine: plan.engine, ...through });
    return plan;
  });
}

const stepOf = ({ engine, profile, isFresh, tiers, isOtherProxy }: AttemptPlan): string =>
  [
    engine === 'browser' ? 'browser' : `${engine} ${profile}`,
    ...(isFresh && engine === 'http' ? ['fresh'] : []),
    ...(isOtherProxy ? ['other proxy'] : []),
    ...(tiers.length > 1 ? [tiers[0]] : []),
  ].join(', ');

/** Describes plans in steps. A step that repeats is named once, and so are two that alternate from there on. */
function ladderOf(plans: readonly AttemptPlan[]): string {
  const steps = plans.map(stepOf);
  const isInTurn = (from: number) =>
    steps.every((step, index) => index < from || step === steps[from + ((index - from) % 2)]);
  const turn = steps.findIndex((_, index) => isInTurn(index));
  const told = steps.slice(0, turn).map((step, index) => `**${index + 1}** ${step}`);
  const [first = '', second = ''] = steps.slice(turn);
  const rest = first === second ? `**${turn + 1}…** ${first}` : `**${turn + 1}…** ${first} and ${second} in turn`;
  return [...told, rest].join(' → ');
}

type Row = readonly [name: string, plans: readonly AttemptPlan[]];

/** Situations that lead to the same attempts share a row. */
function tableOf(head: string, rows: readonly Row[]): string {
  const byLadder = new Map<string, string[]>();
  for (const [name, plans] of rows) {
    const ladder = ladderOf(plans);
    byLadder.set(ladder, [...(byLadder.get(ladder) ?? []), name]);
  }
  const lines = [...byLadder].map(([ladder, names]) => `| ${names.join('; ')} | ${ladder} |`);
  return [`| ${head} | attempts |`, '|---|---|', ...lines].join('\n');
}

const INTRODUCTION = `# How attempts escalate

<!-- Made by "npm run docs" from src/fetch/escalation.ts: change it there. -->

Every attempt of a job is planned by one pure function from the number of the attempt, what the attempts before ran into, what the parameters ask and pay for, and what this installation has. It decides the engine, the header profile, whether a connection may be used again, the pools of proxies, and the delay. What attempts ran into is kept in the job's row (the last 20), so a restart or another worker goes on where the job was. \`GET /jobs/:id?attempts=true\` shows it, also after the end of the job, with [the reason](#reasons-that-are-shown) for the way in which each next attempt is made.

- Only what speaks against the visitor takes a step up: a block page, statuses such as 401, 402, 403, 405, 406 or 451, 429, and a connection that breaks. A server's own trouble (5xx, a page that is not what was asked for, nobody listening) is tried again in the same way: the cheapest one. So is the failure of a proxy, but through another one.
- The steps are: a kept connection → a fresh one → another header profile → a browser's own TLS and HTTP/2 (\`impersonate\`, where it is installed) → its other profile. The last two then take turns. A vendor's challenge skips the steps that cannot impress it, and so does a failure of TLS (certificates included) or an answer that is not HTTP/1.1: neither a fresh connection nor other headers would change it. Where certificates are not accepted, the two engines take turns, since one finds those that the target does not send and the other trusts whom a browser trusts.
- 402 and 451 are the site's own decision: a second attempt, a minute later and by another proxy where there is one, has to end the same way, then the job fails. Whatever else comes in between does not count.
- With proxies, an attempt that failed through one goes on through another of the same tier, chosen by what came of it for this host before (docs/proxies.md).
- \`premium\` uses premium proxies only, \`ultra_premium\` prefers its own and asks the premium ones in turn after each two setbacks. Without either, the standard pool, or the machine's own address where there is none. Never a tier that was not paid for.
- A session keeps its proxy, its cookies and its header profile: another visitor with the same cookies would be stranger than a block.
- \`render\` is a browser from the first attempt on; nothing else is turned into a browser, because that has another price.

## Delay

| after attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 and later |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
`;

/** Text of `docs/escalation.md`, which shows what the policy does in every situation that differs. */
export function escalationPage(): string {
  const delays = Array.from({ length: 12 }, (_, index) => {
    const { delayMs } = planAttempt(
      index + 2,
      [],
      { isRendered: false, tier: 'standard', isSession: false },
      { canImpersonate: false, tiers: [] },
    );
    return delayMs < 60_000 ? `${delayMs / 1_000} s` : `${Math.round(delayMs / 6_000) / 10} min`;
  });
  const [, plain] = WISHES[0] ?? [];
  const [, all] = MEANS.at(-1) ?? [];
  if (plain === undefined || all === undefined) throw new Error('the tables are empty');
  const [challenge] = FAILURES;
  const byFailure = MEANS.map(([name, means]) =>
    [
      `### ${name}`,
      '',
      tableOf(
        'every attempt ends with',
        FAILURES.map(([what, failure]) => [what, plansOf(failure, plain, means)]),
      ),
    ].join('\n'),
  );
  const byWish = tableOf(
    'parameters',
    WISHES.map(([name, wish]) => [name, plansOf(challenge?.[1] ?? { kind: 'blocked' }, wish, all)]),
  );
  return [
    `${INTRODUCTION}| delay | ${delays.join(' | ')} |`,
    '',
    "Each ± 20 %, or the target's `Retry-After` when that is longer (at most 1 h). A host that answered 429 rests for all its jobs (docs/politeness.md).",
    '',
    '## By what the attempts run into (no parameters)',
    '',
    byFailure.join('\n\n'),
    '',
    "## By parameters (a vendor's challenge each time, everything configured)",
    '',
    byWish,
    '',
    '## Reasons that are shown',
    '',
    ...Object.values(planReasons).map((sentence) => `- ${sentence}`),
    '',
  ].join('\n');
}
