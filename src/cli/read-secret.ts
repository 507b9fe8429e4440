import { CliError } from './cli-error';
import type { CliContext } from './context';

type Terminal = NodeJS.ReadableStream & { setRawMode?(isRaw: boolean): void };

const MAX_LENGTH = 4_096;
/** A terminal in raw mode hands these over as characters. */
const [CTRL_C, CTRL_D] = ['\u0003', '\u0004'] as const;

/** Asks for a secret on a terminal without showing it, or takes the first line of stdin. */
export async function readSecret({ stdin, stderr, signal }: CliContext, prompt: string): Promise<string> {
  const terminal: Terminal = stdin;
  if (stdin.isTTY !== true || terminal.setRawMode === undefined) return firstLine(await read(stdin, signal, isLine));
  terminal.setRawMode(true); // before the prompt: what is typed from then on must not show
  stderr.write(prompt);
  try {
    const typed = await read(stdin, signal, (text) => isLine(text) || text.includes(CTRL_C) || text.includes(CTRL_D));
    if (typed.includes(CTRL_C)) throw new CliError('interrupted', 'interrupted; nothing was saved.');
    return withoutErased(firstLine(typed));
  } finally {
    terminal.setRawMode(false);
    stderr.write('\n');
  }
}

const isLine = (text: string): boolean => /[\r\n]/.test(text);
const firstLine = (text: string): string => text.replaceAll(CTRL_D, '\n').split(/[\r\n]/, 1)[0] ?? '';

/** Applies backspaces, and Ctrl-U, which erases everything. */
function withoutErased(typed: string): string {
  let text = '';
  for (const each of typed) {
    if (each === '\u007f' || each === '\b') text = text.slice(0, -1);
    else if (each === '\u0015') text = '';
    else text += each;
  }
  return text;
}

async function read(
  stream: NodeJS.ReadableStream,
  signal: AbortSignal,
  isEnough: (text: string) => boolean,
): Promise<string> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    const done = () => {
      stream.off('data', onData).off('end', done).off('error', reject);
      signal.removeEventListener('abort', onAbort);
      stream.pause();
      resolve();
    };
    const onAbort = () => {
      done();
      reject(signal.reason as Error); // as: whoever aborts gives a reason
    };
    const onData = (part: Buffer | string) => {
      text += part.toString();
      if (isEnough(text) || text.length > MAX_LENGTH) done();
    };
    stream.on('data', onData).on('end', done).on('error', reject);
    signal.addEventListener('abort', onAbort, { once: true });
    stream.resume();
  });
  signal.throwIfAborted();
  return text;
}
