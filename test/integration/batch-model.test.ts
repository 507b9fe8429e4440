import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { createBatchClient } from '../support/batch-client';
import type { BatchCounts } from '../support/batch-client';
import { startOrigin } from '../support/origin';
import type { Origin } from '../support/origin';
import { startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

/** Runs of up to so many commands. A longer search: `MODEL_RUNS=50 npx jest test/integration/batch-model.test.ts`. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 3);
const MOST_COMMANDS = 10;
jest.setTimeout(60_000 * (RUNS + 2));

/** What a batch has to look like once nothing moves any more. */
interface Model {
  batch:
    | {
        /** URLs that answer at once, that are refused at once, and that answer only when the gate is open. */
        readonly good: number;
        readonly bad: number;
        readonly gated: number;
        status: 'running' | 'paused' | 'finished' | 'cancelled';
        /** Whether the gated ones have been asked for, and wait for the gate. */
        isInFlight: boolean;
        hasPassedGate: boolean;
        rounds: number;
      }
    | undefined;
  isOpen: boolean;
}

interface Real {
  readonly api: TestService;
  worker: TestService;
  readonly gate: { isOpen: boolean; readonly waiting: ServerResponse[] };
  readonly origin: Origin;
  id: string;
}

const ENV = { ATTEMPT_TIMEOUT_SEC: '60' };

function countsOf({ good, bad, gated, status, isInFlight, hasPassedGate }: NonNullable<Model['batch']>): BatchCounts {
  const left = hasPassedGate ? 0 : gated;
  const isEnded = status === 'finished' || status === 'cancelled';
  return {
    total: good + bad + gated,
    finished: good + (hasPassedGate ? gated : 0),
    failed: bad,
    cancelled: isEnded ? left : 0,
    running: !isEnded && isInFlight ? left : 0,
    queued: !isEnded && !isInFlight ? left : 0,
  };
}

/** What happens by itself: who waits for an open gate passes it, who may begin begins, and who has nothing left has ended. */
function settle(model: Model): void {
  const { batch } = model;
  if (batch === undefined || batch.status === 'cancelled') return;
  if (batch.status === 'running') batch.isInFlight = true;
  if (batch.isInFlight && model.isOpen) batch.hasPassedGate = true;
  if (batch.hasPassedGate || batch.gated === 0) batch.status = 'finished';
}

async function assertSame(model: Model, real: Real): Promise<void> {
  settle(model);
  const { batch } = model;
  if (batch === undefined) return;
  const expected = { status: batch.status, counts: countsOf(batch) };
  const client = createBatchClient(real.api);
  let seen: unknown;
  await waitFor(
    async () => {
      const { status, counts } = await client.get(real.id);
      seen = { status, counts };
      expect(seen).toEqual(expected);
      return true;
    },
    { timeoutMs: 90_000 },
  ).catch(() => expect(seen).toEqual(expected));
  const [row] = await real.api.db.database.query(
    `select retry_rounds, (select sum(unfinished) from usage)::int as unfinished, (select sum(reserved) from usage)::int as reserved
     from batches where id = $1`,
    [real.id],
  );
  const unfinished = expected.counts.running + expected.counts.queued;
  expect(row).toEqual({ retry_rounds: batch.rounds, unfinished, reserved: unfinished });
  // Gated URLs that are in flight are at the gate, so that the next command meets them there.
  const atGate = expected.counts.running;
  if (!model.isOpen) await waitFor(() => real.gate.waiting.filter((res) => !res.destroyed).length === atGate);
}

abstract class Command implements fc.AsyncCommand<Model, Real> {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  check(_model: Readonly<Model>): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    await assertSame(model, real);
  }

  abstract act(model: Model, real: Real): Promise<void>;

  toString(): string {
    return this.#name;
  }
}

const hasEnded = ({ batch }: Readonly<Model>) => batch?.status === 'finished' || batch?.status === 'cancelled';

class Submit extends Command {
  readonly #sizes: readonly [number, number, number];

  constructor(good: number, bad: number, gated: number) {
    super(`submit(${good}, ${bad}, ${gated})`);
    this.#sizes = [good, bad, gated];
  }

  override check(model: Readonly<Model>): boolean {
    return model.batch === undefined || hasEnded(model);
  }

  async act(model: Model, real: Real): Promise<void> {
    const [good, bad, gated] = this.#sizes;
    const urls = [
      ...Array.from({ length: good }, (_, index) => `${real.origin.url}/good/${index}`),
      ...Array.from({ length: bad }, (_, index) => `http://10.0.0.1/${index}`),
      ...Array.from({ length: gated }, (_, index) => `${real.origin.url}/gated/${index}`),
    ];
    real.id = (await createBatchClient(real.api).submit(urls, { fanOut: 'sweep' })).id;
    const fresh = { status: 'running', isInFlight: false, hasPassedGate: false, rounds: 0 } as const;
    model.batch = { good, bad, gated, ...fresh };
  }
}

/** A control call, allowed or not. */
class Control extends Command {
  readonly #verb: 'cancel' | 'pause' | 'resume' | 'retry-failed';

  constructor(verb: 'cancel' | 'pause' | 'resume' | 'retry-failed') {
    super(verb);
    this.#verb = verb;
  }

  override check(model: Readonly<Model>): boolean {
    return model.batch !== undefined;
  }

  async act(model: Model, real: Real): Promise<void> {
    const answer = await createBatchClient(real.api).ask('POST', `/batches/${real.id}/${this.#verb}`);
    const { batch } = model;
    if (batch === undefined) return;
    const isRepetition = this.#verb === 'cancel' && batch.status === 'cancelled';
    const isAllowed = (this.#verb === 'retry-failed') === hasEnded(model) || isRepetition;
    expect(answer.status).toBe(isAllowed ? 200 : 409);
    if (!isAllowed || isRepetition) return;
    if (this.#verb === 'pause') batch.status = 'paused';
    else if (this.#verb === 'resume') batch.status = 'running';
    else if (this.#verb === 'cancel') {
      batch.status = 'cancelled';
      real.gate.waiting.length = 0;
    } else if (batch.bad > 0) batch.rounds += 1; // they are refused again
  }
}

class TurnGate extends Command {
  constructor() {
    super('open or close the gate');
  }

  async act(model: Model, real: Real): Promise<void> {
    model.isOpen = !model.isOpen;
    real.gate.isOpen = model.isOpen;
    if (model.isOpen) for (const res of real.gate.waiting.splice(0)) res.end('page');
  }
}

class RestartWorker extends Command {
  constructor() {
    super('restart the worker');
  }

  async act(model: Model, real: Real): Promise<void> {
    // What is in flight breaks off, or the worker would wait for it.
    for (const res of real.gate.waiting.splice(0)) res.destroy();
    await real.worker.stop();
    for (const res of real.gate.waiting.splice(0)) res.destroy();
    real.worker = await startTestService({ roles: ['worker'], env: ENV, beside: real.api });
    if (model.batch?.status === 'paused' && !model.batch.hasPassedGate) model.batch.isInFlight = false;
  }
}

class Poll extends Command {
  constructor() {
    super('poll');
  }

  async act(): Promise<void> {
    // What every command does in the end.
  }
}

const commands = fc.commands(
  [
    fc
      .tuple(fc.nat(3), fc.nat(2), fc.nat(3))
      .filter((sizes) => sizes.some((size) => size > 0))
      .map((sizes) => new Submit(...sizes)),
    fc.constant(new Poll()),
    ...(['cancel', 'pause', 'resume', 'retry-failed', 'pause', 'resume'] as const).map((verb) =>
      fc.constant(new Control(verb)),
    ),
    fc.constant(new TurnGate()),
    fc.constant(new RestartWorker()),
  ],
  { maxCommands: MOST_COMMANDS, size: 'max' },
);

let api: TestService;
let worker: TestService;
beforeAll(async () => {
  api = await startTestService({ roles: ['api'], env: ENV });
  worker = await startTestService({ roles: ['worker'], env: ENV, beside: api });
});
afterAll(async () => {
  await worker.stop();
  await api.stop();
});

test('whatever is asked of a batch in whatever order, it is as the model says after every step', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (given) => {
      const gate = { isOpen: false, waiting: [] as ServerResponse[] };
      const origin = await startOrigin((req, res) => {
        if (gate.isOpen || req.url?.startsWith('/gated') !== true) res.end('page');
        else gate.waiting.push(res);
      });
      const real: Real = { api, worker, gate, origin, id: '' };
      try {
        await fc.asyncModelRun(() => ({ model: { batch: undefined, isOpen: false }, real }), given);
      } finally {
        worker = real.worker;
        gate.isOpen = true;
        gate.waiting.forEach((res) => res.end('page'));
        await createBatchClient(api).ask('POST', `/batches/${real.id}/cancel`);
        await waitFor(async () => {
          const [row] = await api.db.database.query<{ n: number }>('select sum(unfinished)::int as n from usage');
          return row?.n === 0;
        });
        await origin.close();
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
