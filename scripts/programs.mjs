// Programs that the set-up runs, such as npm: they end with us, and waiting for them is bounded. Built-ins only.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Thrown for a failure that people can mend, for which the message is enough. */
export class SetupError extends Error {}

/** Thrown when the set-up was asked to stop. */
export class StoppedError extends Error {
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const running = new Set();
const GRACE_MS = 3_000;
const hasGroups = process.platform !== 'win32';

/** Signals the program's process group, so that the processes that it has started end with it. */
function kill(child, signal) {
  try {
    if (hasGroups) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // it has ended already
  }
}

function endSoon(child) {
  kill(child, 'SIGTERM');
  const timer = setTimeout(() => kill(child, 'SIGKILL'), GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

/**
 * Does `work`. A signal to this process ends the programs that it runs, and then the work.
 * @param work gets an AbortSignal for everything that it waits for besides programs
 * @throws StoppedError when a signal came
 */
export async function stoppable(work) {
  const stopping = new AbortController();
  const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => {
    const listener = () => {
      stopping.abort(new StoppedError(name));
      for (const child of running) endSoon(child);
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  const endNow = () => [...running].forEach((child) => kill(child, 'SIGKILL'));
  process.on('exit', endNow);
  try {
    const result = await work(stopping.signal);
    stopping.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw stopping.signal.aborted ? stopping.signal.reason : error;
  } finally {
    process.off('exit', endNow);
    listeners.forEach((release) => release());
  }
}

/** The first and the last lines of an output, because npm names the reason first and compilers last. */
function excerpt(output) {
  const lines = output.trim().split('\n');
  return lines.length <= 30 ? lines.join('\n') : [...lines.slice(0, 15), '…', ...lines.slice(-15)].join('\n');
}

/**
 * Runs a program to its end and keeps its output for the case that it fails.
 * @param options.onLine gets each line of its output, and returns false for one that is of no use when it fails
 * @param options.onStart gets the pid
 * @param options.ending an AbortSignal that ends it
 * @param options.silentMs how long it may write nothing before it is ended
 * @returns its standard output
 * @throws SetupError that holds what it wrote
 */
export function runProgram(command, args, { onLine = () => true, onStart, ending, silentMs, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: !hasGroups,
      detached: hasGroups,
      ...options,
    });
    running.add(child);
    if (child.pid !== undefined) onStart?.(child.pid);
    ending?.addEventListener('abort', () => endSoon(child), { once: true });
    const kept = [];
    let [out, rest, isSilent] = ['', '', false];
    const timer = silentMs && setTimeout(() => ((isSilent = true), endSoon(child)), silentMs);
    const onData = (part) => {
      timer?.refresh();
      const lines = (rest + part).split('\n');
      rest = lines.pop();
      for (const line of lines) if (onLine(line)) kept.push(line);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onData);
    child.stdout.on('data', (part) => (out += part));
    child.on('error', (error) => {
      running.delete(child);
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      running.delete(child);
      clearTimeout(timer);
      if (code === 0) return resolve(out);
      if (onLine(rest)) kept.push(rest);
      const why = isSilent ? ` (it wrote nothing for ${Math.round(silentMs / 1_000)} s)` : '';
      reject(new SetupError(`${[command, ...args].join(' ')} failed${why}:\n${excerpt(kept.join('\n'))}`));
    });
  });
}
