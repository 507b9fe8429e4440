import type { CliContext } from '../context';
import { progressBar, progressLine } from './progress-text';
import { ProgressTotals } from './totals';
import type { SeenBatch } from './totals';

/** Shows how far batches are until it is stopped. */
export interface ProgressView {
  update(batch: SeenBatch): void;
  /** Shows that the service cannot be reached at present, or that it can be again. */
  lost(isLost: boolean): void;
  /** Takes the bar away, so that something else can be printed. */
  clear(): void;
  /** Writes a line of its own, above a bar. */
  say(line: string): void;
  stop(): void;
}

const BAR_EVERY_MS = 250;
const LINE_EVERY_MS = 5_000;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\u001b[2K';

export interface ViewOptions {
  /** URLs of all batches. */
  readonly expected: number;
  /** @default 5 s */
  readonly lineEveryMs?: number;
}

const nothing = (): void => undefined;
const NOTHING: ProgressView = { update: nothing, lost: nothing, clear: nothing, say: nothing, stop: nothing };

/** A bar that is drawn again and again on a terminal, and elsewhere a line every few seconds if something has changed. */
export function startProgress(
  context: Pick<CliContext, 'stderr' | 'env' | 'isJson'>,
  options: ViewOptions,
): ProgressView {
  const { stderr, env, isJson } = context;
  if (isJson) return NOTHING;
  const totals = new ProgressTotals(options.expected);
  let note: string | undefined;
  let shown = '';
  const isTerminal = stderr.isTTY === true && env['TERM'] !== 'dumb';

  const draw = () => {
    const now = totals.at(Date.now());
    if (isTerminal) {
      const text = progressBar(now, stderr.columns ?? DEFAULT_COLUMNS, note);
      if (text !== shown) stderr.write(`${CLEAR_LINE}${text}`);
      shown = text;
      return;
    }
    const state = `${now.done} ${now.failed} ${now.paused ?? ''} ${note ?? ''}`;
    if (state !== shown) stderr.write(`${progressLine(now, note)}\n`);
    shown = state;
  };
  const clear = () => {
    if (!isTerminal) return;
    if (shown !== '') stderr.write(CLEAR_LINE);
    shown = '';
  };
  const timer = setInterval(draw, isTerminal ? BAR_EVERY_MS : (options.lineEveryMs ?? LINE_EVERY_MS));
  timer.unref();

  return {
    update: (batch) => totals.update(batch),
    clear,
    lost(isLost) {
      note = isLost ? 'connection lost, retrying' : undefined;
      draw();
    },
    say(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}
