import { MAX_JSON_DEPTH } from '../jobs/json-body';
import { decodeText } from '../http/charset/charset';
import { BadContentEncodingError, BodyTooLargeError } from '../http/body-errors';
import { decodeContent } from '../http/codings/decode-content';
import { isBinary } from '../http/is-binary';
import { convertHtml } from './convert-html';
import { failedRule } from './failed-rule';
import { jsonDepth } from './json-ld';
import { pageData } from './page-data';
import { pageSyntax } from './page-syntax';
import { hasMatch } from './selector';
import type { CodedPage, PageFormat, ThreadAnswer, ThreadTask } from './thread-task';

/** Does a thread's work on one page. It has no limit of its own: whoever runs the thread ends it. */
export async function runTask(task: ThreadTask): Promise<ThreadAnswer> {
  const { page } = task;
  try {
    const body = Buffer.from(page.body.buffer, page.body.byteOffset, page.body.byteLength);
    const unpacked = await decodeContent(body, page.contentEncoding, page);
    if (task.kind === 'check')
      return { kind: 'checked', failedRule: failedRule(unpacked, page.contentType, task.rule, hasMatch) };
    return convert(unpacked, page, task.format, task.isBinaryTarget);
  } catch (error) {
    if (error instanceof BodyTooLargeError) return { kind: 'failed', reason: 'the page is too large' };
    if (!(error instanceof BadContentEncodingError)) return { kind: 'failed', reason: `error: ${nameOf(error)}` };
    if (task.kind === 'convert') return { kind: 'unchanged' }; // The page is given as it would be without a conversion.
    return { kind: 'checked', failedRule: 'the body is not in its content-encoding' };
  }
}

function convert(unpacked: Buffer, page: CodedPage, format: PageFormat, forceBinary: boolean): ThreadAnswer {
  const { contentType, finalUrl: pageUrl, maxBytes } = page;
  if (unpacked.length === 0 || isBinary(unpacked, { contentType, forceBinary })) return { kind: 'unchanged' };
  const { text } = decodeText(unpacked, contentType);
  const syntax = pageSyntax(text, contentType);
  const isJson = syntax === 'json' || (format === 'json' && /^\s*[[{]/.test(text)); // Some servers send JSON as HTML.
  if (format === 'json' && isJson && isParsable(text)) return converted('application/json', Buffer.from(text, 'utf8'));
  if (syntax !== 'html' && syntax !== 'xml') return { kind: 'unchanged' };
  const isXml = syntax === 'xml';
  if (format === 'json')
    return converted('application/json', Buffer.from(JSON.stringify(pageData(text, { pageUrl, isXml })), 'utf8'));
  const type = format === 'text' ? 'text/plain' : 'text/markdown';
  return converted(`${type}; charset=utf-8`, convertHtml(text, format, { pageUrl, isXml, maxBytes }));
}

function isParsable(text: string): boolean {
  if (jsonDepth(text) > MAX_JSON_DEPTH) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function converted(contentType: string, body: Buffer): ThreadAnswer {
  // Small buffers share their memory, and only a buffer with memory of its own can move to another thread.
  const isAlone = body.byteLength === body.buffer.byteLength && body.buffer instanceof ArrayBuffer;
  return { kind: 'converted', contentType, body: isAlone ? (body as Uint8Array<ArrayBuffer>) : new Uint8Array(body) };
}

const nameOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : typeof error;
