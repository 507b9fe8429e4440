import type { BatchCounts } from './api-client';

/** The stream that the demo writes to, such as `process.stdout`. */
export interface DemoOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Paint = Readonly<Record<'good' | 'bad' | 'strong' | 'faint', (text: string) => string>>;

/** Creates a painter that colours on a terminal, and leaves text plain in pipes and where NO_COLOR is set (https://no-color.org). */
export function createPaint(output: DemoOutput, env: Readonly<Record<string, string | undefined>>): Paint {
  const isColoured = output.isTTY === true && (env.NO_COLOR ?? '') === '';
  const paint = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { good: paint(32), bad: paint(31), strong: paint(1), faint: paint(2) };
}

/** Rates are means over this time: long enough not to flicker, short enough to show a stop. */
const rateWindowMs = 2_000;
const plainLineEveryMs = 2_000;
const maxBarWidth = 30;

export interface Progress {
  update(counts: BatchCounts, elapsedMs: number): void;
  /** Ends the progress; the last state stays on the screen. */
  end(): void;
}

/** One line about the progress of the batch, at most `columns` wide. */
export function progressLine(
  counts: BatchCounts,
  {
    elapsedMs,
    pagesPerSecond,
    columns,
  }: { readonly elapsedMs: number; readonly pagesPerSecond: number; readonly columns: number },
): string {
  const { total, finished, failed, running, cancelled } = counts;
  const text =
    `${finished}/${total} done · ${running} in flight or retrying · ${failed + cancelled} failed · ` +
    `${Math.round(pagesPerSecond)} pages/s · ${(elapsedMs / 1_000).toFixed(1)} s`;
  const barWidth = Math.min(maxBarWidth, columns - text.length - 1);
  if (barWidth < 5) return text.slice(0, columns);
  const filled = total === 0 ? 0 : Math.floor((barWidth * (finished + failed + cancelled)) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${text}`;
}

/** Redraws one line on a terminal; elsewhere prints a line every two seconds, and the last one. */
export function createProgress(output: DemoOutput): Progress {
  const samples: Sample[] = [{ elapsedMs: 0, finished: 0 }];
  let line = '';
  let lastPrinted = { line: '', elapsedMs: -Infinity };

  const print = (elapsedMs: number): void => {
    output.write(`  ${line}\n`);
    lastPrinted = { line, elapsedMs };
  };

  return {
    update(counts, elapsedMs) {
      samples.push({ elapsedMs, finished: counts.finished });
      while (samples.length > 2 && (samples[1]?.elapsedMs ?? 0) <= elapsedMs - rateWindowMs) samples.shift();
      const pagesPerSecond = rateOf(samples[0] ?? { elapsedMs: 0, finished: 0 }, {
        elapsedMs,
        finished: counts.finished,
      });
      // One column stays free, because a full last column makes some terminals wrap.
      const columns = (output.isTTY === true ? (output.columns ?? 80) : 100) - 3;
      line = progressLine(counts, { elapsedMs, pagesPerSecond, columns });
      if (output.isTTY === true) output.write(`\r\u001b[2K  ${line}`);
      else if (elapsedMs - lastPrinted.elapsedMs >= plainLineEveryMs) print(elapsedMs);
    },
    end() {
      if (line === '') return;
      if (output.isTTY === true) output.write('\n');
      else if (line !== lastPrinted.line) print(Infinity);
    },
  };
}

interface Sample {
  readonly elapsedMs: number;
  readonly finished: number;
}

function rateOf(from: Sample, to: Sample): number {
  return to.elapsedMs > from.elapsedMs ? ((to.finished - from.finished) * 1_000) / (to.elapsedMs - from.elapsedMs) : 0;
}
