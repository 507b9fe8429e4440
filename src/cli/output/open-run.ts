import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { CliError } from '../cli-error';
import { lockOutput } from './output-lock';
import type { OutputPlace } from './output-kind';
import { readRunState, statePathOf, writeRunState } from './run-state';
import type { RunState } from './run-state';

/** An output that belongs to one request, whether it begins or goes on. */
export interface OpenRun {
  readonly place: OutputPlace;
  readonly statePath: string;
  readonly state: RunState;
  /** Whether an earlier command has begun it. */
  readonly isContinued: boolean;
  release(): void;
}

export interface RunRequest {
  readonly service: string;
  /** Hash of everything that decides what is submitted or read. */
  readonly request: string;
  readonly parts: number;
  /** Batches that exist already. */
  readonly batches?: RunState['batches'];
}

/**
 * Takes an output for a request, and notes that before anything is submitted.
 * @throws CliError when it holds something else
 */
export async function openRun(
  place: OutputPlace,
  { service, request, parts, batches = [] }: RunRequest,
): Promise<OpenRun> {
  const statePath = statePathOf(place.path);
  const release = lockOutput(place.path);
  try {
    const before = await readRunState(statePath);
    if (before === undefined) {
      if (isTaken(place)) throw taken(place, 'is there already, and holds something else');
      const state: RunState = {
        version: 1,
        service,
        request,
        output: place.kind,
        submission: randomUUID(),
        parts,
        batches,
        length: 0,
        counts: { finished: 0, failed: 0, cancelled: 0 },
      };
      await writeRunState(statePath, state);
      return { place, statePath, state, isContinued: false, release };
    }
    if (before.request !== request || before.output !== place.kind || before.service !== service)
      throw taken(place, `holds the results of another command (input, options or service differ; see ${statePath})`);
    return { place, statePath, state: before, isContinued: true, release };
  } catch (error) {
    release();
    throw error;
  }
}

function isTaken({ kind, path }: OutputPlace): boolean {
  if (!existsSync(path)) return false;
  return kind === 'folder' ? readdirSync(path).length > 0 : statSync(path).size > 0;
}

const taken = ({ path }: OutputPlace, why: string): CliError =>
  new CliError('file', `${path} ${why}: choose another --out, or remove it together with ${statePathOf(path)}.`);
