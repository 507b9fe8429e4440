import type { Job } from '../../client/index';
import type { CliContext } from '../context';
import { printTable } from './table';
import { whenOr } from './when';

interface Attempt {
  readonly at?: string;
  readonly durationMs?: number;
  readonly kind: string;
  readonly statusCode?: number;
  readonly code?: string;
  readonly vendor?: string;
  readonly engine?: string;
  readonly tier?: string;
  readonly proxy?: string;
  readonly next?: { readonly engine?: string; readonly tier?: string; readonly why?: string };
}

/** Prints what a job has tried, one attempt a line. */
export async function printAttempts(context: CliContext, job: Job): Promise<void> {
  const { tried } = job as { readonly tried?: readonly Attempt[] };
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
