import { setTimeout as sleep } from 'node:timers/promises';
import type { CliContext } from '../context';
import { CliError } from '../cli-error';
import { Patience } from '../follow/patience';
import type { BatchLine } from '../input/parse-input';
import type { ProgressView } from '../progress/progress-view';
import type { SeenBatch } from '../progress/totals';

export interface Part {
  readonly index: number;
  /** Number of all parts. */
  readonly parts: number;
  /** URLs of the parts before it. */
  readonly base: number;
  readonly lines: readonly BatchLine[];
}

const DEFAULT_PAUSE_MS = 5_000;

/**
 * Submits one batch of an input. Those behind the first wait until the key has room for them and the service is there, because a command
 * that stops half-way is of little use.
 */
export async function submitPart(
  { client, signal }: Pick<CliContext, 'client' | 'signal'>,
  { index, parts, base, lines }: Part,
  options: { readonly fields: object; readonly submission: string; readonly view: ProgressView },
): Promise<SeenBatch> {
  const { fields, submission, view } = options;
  const patience = new Patience({ signal, onChange: (isLost) => view.lost(isLost) });
  let hasSaid = false;
  for (;;) {
    try {
      return await client.submitBatch(lines, fields, { idempotencyKey: `${submission}-${index + 1}`, signal });
    } catch (error) {
      if (index === 0) throw error;
      if ((error as Error).name !== 'RateLimitError') {
        await patience.afterError(partError(error, { index, parts, base }));
        continue;
      }
      if (!hasSaid) view.say(`batch ${index + 1} of ${parts} waits: ${(error as Error).message}`);
      hasSaid = true;
      await sleep((error as { readonly retryAfterMs?: number }).retryAfterMs ?? DEFAULT_PAUSE_MS, undefined, {
        signal,
      });
    }
  }
}

/** The service counts the lines of one batch, and whoever reads the message those of the whole. */
function partError(error: unknown, { index, parts, base }: Omit<Part, 'lines'>): unknown {
  const { status, message } = error as { readonly status?: number; readonly message: string };
  if (status === undefined || status >= 500 || status === 401) return error;
  return new CliError(
    'refused',
    `batch ${index + 1} of ${parts}, whose lines are counted from line ${base + 1} of the input, was refused: ${message}`,
    { cause: error },
  );
}
