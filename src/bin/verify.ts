import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Database } from '../store/database';
import { verifyPages } from '../pages/verify-pages';
import type { Finding, VerifiedCounts } from '../pages/verify-pages';
import type { SegmentRange } from '../store/stored-pages';
import { createSegmentStore } from '../service/create-segment-store';
import { loadUsableConfig } from '../service/problems-of-use';
import { withDatabase } from '../service/with-database';

const USAGE = `Usage: everfetch verify [--from <time>] [--to <time>] [--json]

  --from, --to   only segments of these hours, such as 2026-10-05 or 2026-10-05T13:00Z (UTC)
  --json         findings and summary as JSON, one a line

Reads every stored page and compares it with its row. It changes nothing and may run beside the service. Exit code 0: all is
well; 1: a page is damaged or missing. Orphans, bytes that no job has its page in, are left by crashes and go with their hour.
`;

export interface VerifyOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

const HOUR_MS = 3_600_000;
/** EX_UNAVAILABLE of sysexits.h. It differs from the code for damage, because pages that could not be read may be fine. */
const UNAVAILABLE = 69;

/** Runs `everfetch verify`, which reports damaged and missing pages, and orphans. @returns the exit code */
export async function runVerify({ args, env, stdout, stderr }: VerifyOptions): Promise<number> {
  const asked = parse(args);
  if (typeof asked === 'string') {
    (asked === '' ? stdout : stderr).write(asked === '' ? USAGE : `everfetch verify: ${asked}\n\n${USAGE}`);
    return asked === '' ? 0 : 2;
  }
  const { isJson, range } = asked;
  const config = await loadUsableConfig(env, { command: 'verify' });
  const onFinding = async (finding: Finding) => {
    const line = isJson ? JSON.stringify(finding) : textOf(finding);
    if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
  };
  try {
    const segments = createSegmentStore(config);
    const work = (database: Database) => verifyPages({ database, segments, range, onFinding });
    const counts = await withDatabase(config, work, { mayMake: false });
    stdout.write(isJson ? `${JSON.stringify({ kind: 'summary', ...counts })}\n` : summaryOf(counts));
    return counts.damaged + counts.missing > 0 ? 1 : 0;
  } catch (error) {
    const { name, message } = error as Error;
    if (!['CannotError', 'UnavailableError', 'StoreUnavailableError', 'S3RequestError'].includes(name)) throw error;
    stderr.write(`everfetch verify: ${message}\n`);
    return UNAVAILABLE;
  }
}

interface Asked {
  readonly isJson: boolean;
  readonly range: SegmentRange;
}

/** Parses the arguments. @returns a text when they are wrong, which is empty when they ask for help */
function parse(args: readonly string[]): Asked | string {
  const options = { from: { type: 'string' }, to: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const; // prettier-ignore
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help === true) return '';
    const from = values.from === undefined ? undefined : timeOf(values.from);
    const to = values.to === undefined ? undefined : timeOf(values.to);
    for (const [name, time] of [
      ['from', from],
      ['to', to],
    ] as const)
      // prettier-ignore
      if (time !== undefined && Number.isNaN(time))
        return `--${name} must be a time such as 2026-10-05T13:00Z, not ${JSON.stringify(values[name])}.`;
    if (from !== undefined && to !== undefined && from >= to) return '--from must be before --to.';
    // An hour that has begun before --to is checked as a whole.
    const range = { from: hourAt(from), to: hourAt(to === undefined ? undefined : Math.ceil(to / HOUR_MS) * HOUR_MS) };
    return { isJson: values.json === true, range };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Parses a time of ISO 8601, which is in UTC unless it names a zone; NaN for anything else. */
function timeOf(text: string): number {
  const [, date, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/i.exec(text) ?? [];
  return date === undefined ? NaN : Date.parse(`${date}${time}${zone}`);
}

const hourAt = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : `segments/${new Date(ms).toISOString().slice(0, 13).replace(/[-T]/g, '/')}`;

function textOf(finding: Finding): string {
  const place = `${finding.segment} offset ${finding.offset} length ${finding.length}`;
  if (finding.kind === 'orphan') return `orphan   ${place}`;
  return `${finding.kind.padEnd(8)} ${place} job ${finding.jobId}: ${finding.reason}`;
}

function summaryOf(counts: VerifiedCounts): string {
  const { segments, pages, screenshots, damaged, missing, orphans, orphanBytes } = counts;
  return (
    `${pages} pages and ${screenshots} screenshots in ${segments} segments: ` +
    `${damaged} damaged, ${missing} missing, ${orphans} orphans (${orphanBytes} bytes)\n`
  );
}
