import type { AnyJob } from '../../client/index';
import type { CliContext } from '../context';
import { printTable } from './table';
import { whenOr } from './when';

/** Prints what a job has tried, one attempt a line. */
export async function printAttempts(context: CliContext, job: AnyJob): Promise<void> {
  const { tried } = job;
  if (tried === undefined || tried.length === 0) return context.say('nothing is noted about its attempts.');
  await context.print('\n');
  await printTable(
    context,
    ['AT', 'MS', 'OUTCOME', 'ENGINE', 'THROUGH', 'THEN'],
    tried.map(({ at, durationMs, kind, statusCode, code, vendor, engine = '-', tier, proxy, next }) => [
      whenOr(at),
      durationMs === undefined ? '-' : String(durationMs),
      [kind, statusCode, code, vendor].filter((part) => part !== undefined).join(' '),
      engine,
      proxy ?? tier ?? 'direct',
      next?.why ?? '',
    ]),
  );
}
