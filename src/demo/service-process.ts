import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServiceProcess {
  /** Resolves with a phrase about how the service ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** The last lines that the service wrote. */
  lastOutput(): string;
  /** Asks the service to end, waits, and kills it when it takes too long. It may be called twice. */
  stop(): Promise<void>;
}

const keptLines = 40;
const stopWithinMs = 12_000;

/** Starts `everfetch start` as a child in its own process group. */
export function startServiceProcess(
  everfetchBin: string,
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly stopWithinMs?: number } = {},
): ServiceProcess {
  // In its own group, Ctrl-C in a terminal does not reach the service, so it is told once; and its children can be killed with it.
  // The IPC channel breaks when we are gone, however that happened, and the service then stops by itself.
  const child = spawn(process.execPath, [everfetchBin, 'start'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const lastOutput = keepLastLines(child);
  const ended = endOf(child);
  const killGroupNow = (): void => killGroup(child);
  process.once('exit', killGroupNow);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
    const patience = new AbortController();
    const late = sleep(options.stopWithinMs ?? stopWithinMs, undefined, { signal: patience.signal }).catch(
      () => undefined,
    );
    await Promise.race([ended, late]);
    patience.abort();
    killGroupNow(); // ends children that a crashed service left behind, too
    await ended;
    process.removeListener('exit', killGroupNow);
  };
  return { ended, lastOutput, stop: () => (stopping ??= stop()) };
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    await once(child, 'exit');
    // The last output may still be in the pipe; but a grandchild that holds the pipe open must not keep us waiting.
    await Promise.race([finished(child), sleep(300)]);
    return child.signalCode === null ? `ended with code ${child.exitCode}` : `was ended by ${child.signalCode}`;
  } catch (error) {
    return `could not be started: ${String(error)}`;
  }
}

const finished = async ({ stdout, stderr }: ChildProcess): Promise<void> => {
  const open = [stdout, stderr].filter((stream) => stream !== null && !stream.readableEnded);
  await Promise.all(open.map(async (stream) => stream && once(stream, 'end')));
};

function keepLastLines(child: ChildProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => {
      kept = (kept + chunk)
        .split('\n')
        .slice(-keptLines - 1)
        .join('\n')
        .slice(-20_000);
    });
  }
  return () => kept.trimEnd();
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
