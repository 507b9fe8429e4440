import type { BatchLines, EffectiveOptions } from '../../jobs/batch-lines';
import { MAX_CLIENT_ID_LENGTH, label } from '../../jobs/batch-options';
import { createLineCheck, lineOptionNames, metaProblem } from '../../jobs/check-line-options';
import type { CommonOptions } from '../../jobs/check-line-options';
import { urlProblem } from '../../jobs/check-url';
import type { ErrorCode, ProblemDetail } from '../../jobs/error-codes';
import { MAX_BATCH_URLS } from '../../jobs/job-id';
import { selectorProblem } from '../../convert/selector-problem';
import { invalid } from '../checked-input';
import { ProblemError } from '../problem';
import { parseLine, withoutMark } from './parse-line';
import type { LineProblem } from './parse-line';
import { MAX_LINE_BYTES } from './split-lines';

/** Most problems in one answer. */
const MAX_PROBLEMS = 100;

export const lineFields: readonly string[] = ['url', 'id', 'meta', ...lineOptionNames];

const clientIdSchema = label(MAX_CLIENT_ID_LENGTH).min(1, 'is empty');

/** The URLs of an upload, with what each has of its own. */
export interface ReadLines {
  readonly urls: readonly string[];
  readonly lines: BatchLines;
  /** Paths of the parameters that were left out, each once. */
  readonly leftOut: readonly string[];
}

/** Collects the lines of an upload. Of a line it keeps the URL, the id, and its options as text. */
export class LineReader {
  readonly #check: ReturnType<typeof createLineCheck>;
  readonly #urls: string[] = [];
  readonly #clientIds: (string | undefined)[] = [];
  readonly #options: (string | undefined)[] = [];
  readonly #effective: EffectiveOptions[] = [];
  readonly #leftOut = new Set<string>();
  readonly #problems: ProblemDetail[] = [];
  #code: ErrorCode = 'invalid_request';
  #count = 0;

  constructor(common: CommonOptions) {
    this.#check = createLineCheck(common);
  }

  /**
   * Reads a line.
   * @param bytes undefined for a line over the limit
   * @throws ProblemError when there are too many lines, or too many with a problem to read on
   */
  read(bytes: Buffer | undefined, number: number): void {
    if (bytes === undefined) {
      this.#count += 1;
      return this.#note(number, { code: 'body_too_large', message: `is longer than ${MAX_LINE_BYTES} bytes` });
    }
    const line = parseLine(number === 1 ? withoutMark(bytes) : bytes);
    if (line.kind === 'blank') return;
    this.#count += 1;
    if (this.#count > MAX_BATCH_URLS) throw tooMany(number);
    const problems = line.kind === 'bad' ? [line.problem] : this.#take(line.fields);
    for (const problem of problems) this.#note(number, problem);
  }

  /** @throws ProblemError that lists the first 100 problems, or when there was no line */
  end(): ReadLines {
    if (this.#problems.length > 0) throw invalid(this.#problems, this.#code);
    if (this.#urls.length === 0)
      throw new ProblemError('invalid_url', 'The body must hold at least one line with a URL.');
    return {
      urls: this.#urls,
      lines: { clientIds: this.#clientIds, options: this.#options, effective: this.#effective },
      leftOut: [...this.#leftOut],
    };
  }

  #note(number: number, { code, message }: LineProblem): void {
    if (this.#problems.length === 0) this.#code = code;
    this.#problems.push({ path: `line ${number}`, message });
    if (this.#problems.length >= MAX_PROBLEMS) this.end();
  }

  /** @returns what is wrong with the line; it is kept only when that is nothing */
  #take(fields: Readonly<Record<string, unknown>>): readonly LineProblem[] {
    const { url, id, meta } = fields;
    const problems: LineProblem[] = [];
    const add = (message: string, code: ErrorCode = 'invalid_request') => problems.push({ code, message });
    for (const name of Object.keys(fields))
      if (!lineFields.includes(name)) add(`${shortened(name)} is not known here; known are ${lineFields.join(', ')}`);
    const ofUrl = url === undefined ? 'is missing' : urlProblem(url);
    if (ofUrl !== undefined) add(`url ${ofUrl}`, 'invalid_url');
    const clientId = clientIdSchema.nullish().safeParse(id);
    if (!clientId.success) add(`id ${clientId.error.issues[0]?.message ?? 'is not valid'}`);
    const ofMeta = meta === undefined ? undefined : metaProblem(meta);
    if (ofMeta !== undefined) add(`meta ${ofMeta}`);
    const checked = this.#check(fields);
    if (!checked.ok) for (const { path, message } of checked.details) add(`${path} ${message}`, checked.code);
    const ofSelector = checked.ok ? selectorProblem(checked.own?.successWhen?.selector) : undefined;
    if (ofSelector !== undefined) add(`successWhen.selector ${ofSelector}`);
    if (problems.length > 0 || !checked.ok || typeof url !== 'string') return problems;
    const own = meta === undefined ? checked.own : { ...checked.own, meta };
    this.#urls.push(url);
    this.#clientIds.push(clientId.data ?? undefined);
    this.#options.push(own === undefined ? undefined : JSON.stringify(own));
    this.#effective.push(checked.effective);
    for (const path of checked.leftOut) this.#leftOut.add(path);
    return problems;
  }
}

const shortened = (name: string): string => (name.length <= 100 ? name : `${name.slice(0, 100)}…`);

function tooMany(number: number): ProblemError {
  const path = `line ${number}`;
  const message = `is URL ${MAX_BATCH_URLS + 1}, the limit is ${MAX_BATCH_URLS}`;
  return new ProblemError('too_many_urls', `A batch takes at most ${MAX_BATCH_URLS} URLs: ${path} ${message}.`, {
    details: [{ path, message }],
  });
}
