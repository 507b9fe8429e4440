import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Job } from '../client';
import { trimmedText } from './trimmed-text';
import type { Trim } from './trimmed-text';

const text = (each: string) => ({ type: 'text' as const, text: each });

/** What a tool says about a job: a sentence, and behind it the page when there is one. */
export function pageAnswer(job: Job, trim: Trim): CallToolResult {
  if (job.status === 'running') return { content: [text(`${runningSentence(job)} Ask get_result for it later.`)] };
  if (job.status !== 'finished' || job.response === undefined)
    return { content: [text(endedSentence(job))], isError: true };
  const { statusCode, headers, body, base64EncodedBody } = job.response;
  const head = `Job ${job.id} is finished: status ${statusCode} from ${headers['sa-final-url'] ?? job.url}`;
  if (base64EncodedBody !== undefined) {
    const type = headers['content-type'] ?? 'no type';
    return { content: [text(`${head}. The page is not text (${type}): GET /jobs/${job.id}/body gives it.`)] };
  }
  const page = typeof body === 'string' ? body : JSON.stringify(body ?? '');
  const { text: shown, nextOffset } = trimmedText(page, trim);
  const whole = `${head}; ${page.length} characters`;
  const { offset } = trim;
  const sentence =
    nextOffset === undefined
      ? `${whole}${offset > 0 ? `, shown from ${offset} to the end` : ''}.`
      : `${whole}, TRIMMED to those from ${offset} to ${nextOffset}: get_result with offset ${nextOffset} goes on.`;
  return { content: [text(sentence), text(shown)] };
}

type Running = Extract<Job, { status: 'running' }>;

function runningSentence({ id, attempts, supposedToRunAt, lastFailure }: Running): string {
  const last = lastFailure === undefined ? '' : ` The last attempt failed: ${failureText(lastFailure)}.`;
  const next = supposedToRunAt === undefined ? '' : ` The next one is at ${supposedToRunAt}.`;
  return `Job ${id} is still running, after ${attempts} attempts.${last}${next}`;
}

function endedSentence(job: Exclude<Job, Running>): string {
  if (job.status === 'cancelled') return `Job ${job.id} was cancelled.`;
  if (job.status === 'finished') return `Job ${job.id} is finished, but its page is ${job.error ?? 'not there'}.`;
  const last = job.lastFailure === undefined ? '' : ` The last attempt: ${failureText(job.lastFailure)}.`;
  return `Job ${job.id} failed after ${job.attempts} attempts: ${job.failReason ?? 'unknown'}.${last}`;
}

const failureText = ({ reason, statusCode, detail }: NonNullable<Running['lastFailure']>): string =>
  [reason, statusCode === undefined ? undefined : `status ${statusCode}`, detail]
    .filter((part) => part !== undefined)
    .join(', ');
