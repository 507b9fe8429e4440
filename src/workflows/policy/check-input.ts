import { ApplicationFailure } from '@temporalio/workflow';
import type { WorkflowInfo } from '@temporalio/workflow';
import { subjectOf } from '../../jobs/workflow-ids';
import type { WorkflowSubject } from '../../jobs/workflow-ids';
import { MAX_TIMEOUT_SEC } from '../../jobs/time-limits';

/**
 * Anybody may start a workflow with any argument. An argument that makes no sense has to fail the workflow with a failure that says
 * why, because a TypeError would only fail its workflow task, which Temporal retries for ever. Only the fields that workflow code
 * reads are checked here; the first activity checks the rest. Null counts as absent, because some clients send it.
 */
const invalid = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'invalid_request');

type Fields = Readonly<Record<string, unknown>>;
type Started = Pick<WorkflowInfo, 'workflowId' | 'startTime' | 'unsafe'>;

/** Latest time that is accepted: far after any deadline, so that clocks may differ, but near enough for Temporal's timers. */
const MAX_AHEAD_MS = 2 * MAX_TIMEOUT_SEC * 1_000;

/** A batch has at most 50,000 URLs, and a chunk 500 of them. */
const MAX_CHUNKS = 100;

/** @throws ApplicationFailure `invalid_request` */
export function checkJobInput(input: unknown, started: Started): void {
  const fields = fieldsOf(input, 'an object with a url');
  checkTimes(fields, ['deadlineAtMs', 'startAtMs'], started);
  checkFlag(fields, 'isRendered');
  checkRound(fields);
  if (isGiven(fields['jobId'])) checkSubject(fields, ['jobId'], started, 'job');
  else if (typeof fields['url'] !== 'string' || !/^\s*https?:\/\//i.test(fields['url']))
    throw invalid('url is not an absolute http or https URL');
}

/** @throws ApplicationFailure `invalid_request` */
export function checkBatchInput(input: unknown, started: Started): void {
  const fields = fieldsOf(input, 'an object with urls');
  checkTimes(fields, ['deadlineAtMs'], started);
  checkFlag(fields, 'isRendered');
  checkText(fields, 'publicUrl');
  checkRound(fields);
  if (isGiven(fields['batchId'])) {
    if (isGiven(fields['chunks'])) checkWhole(fields, 'chunks', 1, MAX_CHUNKS);
    if (isGiven(fields['fanOut'])) checkFanOut(fields);
    checkSubject(fields, ['batchId'], started, 'batch');
  } else if (!Array.isArray(fields['urls'])) throw invalid('urls must be a non-empty array');
}

/** @throws ApplicationFailure `invalid_request` */
export function checkChunkInput(input: unknown, started: Started): void {
  const fields = checkRange(input, started);
  if (isGiven(fields['chunks'])) checkWhole(fields, 'chunks', 1, MAX_CHUNKS);
  checkFanOut(fields);
  checkSubject(fields, ['batchId', 'chunk'], started, 'chunk');
}

/** @throws ApplicationFailure `invalid_request` */
export function checkPartInput(input: unknown, started: Started): void {
  const fields = checkRange(input, started);
  checkWhole(fields, 'fromPlace', 0, 499);
  checkSubject(fields, ['batchId', 'chunk', 'fromPlace'], started, 'part');
}

/** @throws ApplicationFailure `invalid_request` */
export function checkReceiverInput(input: unknown, { workflowId, unsafe }: Started): void {
  const { endpointId } = fieldsOf(input, 'an object with an endpointId');
  if (typeof endpointId !== 'string' || !/^[0-9a-f]{32}$/.test(endpointId))
    throw invalid('endpointId must be the id of a receiver');
  if (!unsafe.isReplaying && workflowId !== `webhook/${endpointId}`)
    throw invalid('the workflow id must be webhook/<endpointId>');
}

/** @throws ApplicationFailure `invalid_request` */
export function checkNoInput(input: unknown): void {
  if (isGiven(input)) throw invalid('the workflow takes no argument');
}

function fieldsOf(input: unknown, expected: string): Fields {
  const found = kindOf(input);
  if (found === 'object') return input as Fields;
  throw invalid(`the argument must be ${expected}, not ${found}`);
}

function kindOf(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'an array';
  return ArrayBuffer.isView(input) ? 'bytes' : typeof input;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function checkRange(input: unknown, started: Started): Fields {
  const fields = fieldsOf(input, 'an object with batchId, chunk and deadlineAtMs');
  if (typeof fields['batchId'] !== 'string') throw invalid('batchId must be the id of a batch');
  checkWhole(fields, 'chunk', 0, MAX_CHUNKS - 1);
  if (!isGiven(fields['deadlineAtMs'])) throw invalid('deadlineAtMs is missing');
  checkTimes(fields, ['deadlineAtMs'], started);
  checkFlag(fields, 'isRendered');
  checkText(fields, 'publicUrl');
  checkRound(fields);
  return fields;
}

function checkTimes(fields: Fields, names: readonly string[], { startTime }: Started): void {
  const latest = startTime.getTime() + MAX_AHEAD_MS;
  for (const name of names) {
    const value = fields[name];
    if (!isGiven(value)) continue;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || value > latest)
      throw invalid(`${name} must be a time in ms since the epoch, at most two days ahead`);
  }
}

function checkFlag(fields: Fields, name: string): void {
  if (isGiven(fields[name]) && typeof fields[name] !== 'boolean') throw invalid(`${name} must be true or false`);
}

function checkText(fields: Fields, name: string): void {
  if (isGiven(fields[name]) && typeof fields[name] !== 'string') throw invalid(`${name} must be a text`);
}

function checkRound(fields: Fields): void {
  if (isGiven(fields['round'])) checkWhole(fields, 'round', 0, Number.MAX_SAFE_INTEGER);
}

function checkWhole(fields: Fields, name: string, least: number, most: number): void {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw invalid(`${name} must be a whole number from ${least} to ${most}`);
}

function checkFanOut({ fanOut }: Fields): void {
  if (fanOut !== 'jobs' && fanOut !== 'sweep') throw invalid('fanOut must be "jobs" or "sweep"');
}

const FORMS: Readonly<Record<WorkflowSubject['kind'], string>> = {
  job: 'job/<jobId>',
  batch: 'batch/<batchId>',
  chunk: 'batch/<batchId>/chunk/<chunk>',
  part: 'batch/<batchId>/chunk/<chunk>/from/<fromPlace>',
};

/**
 * Rows belong to the workflow whose id names them, because two workflows on one row would undo each other's work. A replay is not
 * checked, so that workflows go on that began before this check existed.
 */
function checkSubject(
  fields: Fields,
  names: readonly string[],
  { workflowId, unsafe }: Started,
  kind: WorkflowSubject['kind'],
): void {
  if (unsafe.isReplaying) return;
  const subject: Fields = { ...subjectOf(workflowId) };
  const isNamed = subject['kind'] === kind && names.every((name) => subject[name] === fields[name]);
  if (!isNamed)
    throw invalid(
      `an argument with ${names.join(', ')} is for rows that are stored, and goes with the workflow id ${FORMS[kind]} only`,
    );
}
