import { MockActivityEnvironment } from '@temporalio/testing';
import { asActivity } from '../../src/activities/as-activity';

test('gives the work its input and what Temporal knows of the run', async () => {
  const environment = new MockActivityEnvironment({
    attempt: 3,
    workflowExecution: { workflowId: 'job/a', runId: 'run' },
  });
  const activity = asActivity(async ({ attempt, workflowId, signal }, input: string) => ({
    ...{ attempt, workflowId, input },
    isAborted: signal.aborted,
  }));
  expect(await environment.run(activity, 'input')).toEqual({
    ...{ attempt: 3, workflowId: 'job/a', input: 'input', isAborted: false },
  });
});

test('an error leaves as a failure that Temporal understands', async () => {
  const activity = asActivity(() =>
    Promise.reject(Object.assign(new Error('away'), { name: 'StoreUnavailableError' })),
  );
  await expect(new MockActivityEnvironment().run(activity)).rejects.toMatchObject({
    ...{ name: 'ApplicationFailure', type: 'store_unavailable', message: 'away' },
  });
});

test('a cancellation leaves as it is, whatever the work makes of it', async () => {
  const environment = new MockActivityEnvironment();
  const activity = asActivity(async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new Error('the fetch was aborted');
  });
  const run = environment.run(activity);
  environment.cancel('CANCELLED');
  await expect(run).rejects.toMatchObject({ name: 'CancelledFailure', message: 'CANCELLED' });
});

describe('heartbeats', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  /** Runs an activity for 10 s. @returns the details of its heartbeats */
  async function beatsOf(options: { readonly isLong?: boolean }, fails = false): Promise<unknown[]> {
    const environment = new MockActivityEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    let left = 9;
    const activity = asActivity(async ({ describeProgress }) => {
      await jest.advanceTimersByTimeAsync(4_000);
      describeProgress(() => ({ left: left-- }));
      await jest.advanceTimersByTimeAsync(6_000);
      if (fails) throw new Error('broken');
    }, options);
    await environment.run(activity).catch(() => undefined);
    await jest.advanceTimersByTimeAsync(60_000);
    return beats;
  }

  test('a long activity sends them with its progress for as long as it runs', async () => {
    expect(await beatsOf({ isLong: true })).toEqual([undefined, { left: 9 }, { left: 8 }]);
  });

  test('end with an activity that fails', async () => {
    expect(await beatsOf({ isLong: true }, true)).toHaveLength(3);
  });

  test('a short activity sends none', async () => {
    expect(await beatsOf({})).toEqual([]);
  });
});
