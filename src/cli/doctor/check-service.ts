import { z } from 'zod';
import { Health, Readiness } from '../../jobs/answer-schemas';
import { askService } from './ask-service';
import { fail, ok, warn } from './finding';
import type { Finding } from './finding';
import type { Place } from './place';

const check = 'service';

/** Checks that the service answers, that its parts are well, and that the key is one of its keys. */
export async function checkService({ service, hasSettings }: Place): Promise<readonly Finding[]> {
  const { url, isNamed, apiKey } = service;
  try {
    const { body } = await askService(url, '/healthz');
    const health = Health.safeParse(body);
    if (!health.success)
      return [
        fail(
          check,
          `what answers at ${url} is not everfetch`,
          'set EVERFETCH_URL, or PORT, to the address of the service',
        ),
      ];
    return [
      ok(check, `everfetch answers at ${url}`),
      ...(await partsOf(url)),
      ...workersOf(health.data),
      ...(apiKey === undefined ? [] : [await keyOf(url, apiKey)]),
    ];
  } catch (error) {
    const message = `no service answers at ${url} (${(error as Error).message})`;
    if (isNamed) return [fail(check, message, 'start it there, or correct EVERFETCH_URL')];
    if (hasSettings)
      return [warn(check, message, 'start it with "everfetch start", unless it is meant to stand still')];
    return [
      fail(
        check,
        `${message}, and there are no settings of one here: nothing can be said about an installation`,
        'start everfetch, or set EVERFETCH_URL to the address of one that runs',
      ),
    ];
  }
}

async function partsOf(url: string): Promise<readonly Finding[]> {
  const { body } = await askService(url, '/readyz');
  const parts = Readiness.extend({ status: z.string() }).safeParse(body);
  if (!parts.success) return [warn(check, 'the service does not say how its parts are', 'look at its log')];
  const { status: _all, ...each } = parts.data;
  return Object.entries(each)
    .filter(([, state]) => state !== 'ok')
    .map(([part]) =>
      fail(
        check,
        `the service cannot use its ${part}`,
        `see what is said of ${part} below, and the log of the service`,
      ),
    );
}

function workersOf({ workers, workersWanted, workersEnded = 0 }: Health): readonly Finding[] {
  return [
    ...(workers !== undefined && workersWanted !== undefined && workers < workersWanted
      ? [
          fail(
            check,
            `${workers} of ${workersWanted} worker processes run`,
            'look for "worker" in its log, which has the last lines of those that ended',
          ),
        ]
      : []),
    ...(workersEnded > 0
      ? [
          warn(
            check,
            `worker processes have ended ${workersEnded} times by themselves since the start`,
            'look for "worker" in its log; short memory is the usual reason (WORKERS)',
          ),
        ]
      : []),
  ];
}

async function keyOf(url: string, apiKey: string): Promise<Finding> {
  const { status } = await askService(url, '/account', apiKey);
  return status === 200
    ? ok(check, 'it knows the API key')
    : fail(
        check,
        `it answers ${status} to the API key`,
        'correct EVERFETCH_API_KEY; "everfetch keys list" shows the keys that there are',
      );
}

type Health = z.output<typeof Health>;
