import { BaseUrl } from './absolute-url';
import { MARKDOWN, TEXT } from './dialect';
import { PageFlow } from './page-flow';
import { readPage } from './read-page';
import { simpleTables } from './tables';
import { TextOutput } from './text-output';

export interface ConvertHtmlOptions {
  /** Address of the page, which its own addresses are relative to. */
  readonly pageUrl: string;
  readonly isXml: boolean;
  /** Limit for the result; beyond it `BodyTooLargeError` is thrown. */
  readonly maxBytes: number;
}

/** Converts what there is to read on a page, to UTF-8. */
export function convertHtml(source: string, format: 'text' | 'markdown', options: ConvertHtmlOptions): Buffer {
  const { pageUrl, isXml, maxBytes } = options;
  const output = new TextOutput(maxBytes);
  const page = readPage(source, { isXml });
  const flow = new PageFlow({
    dialect: format === 'text' ? TEXT : MARKDOWN,
    output,
    base: new BaseUrl(pageUrl, page.baseHref),
    isXml,
    simpleTables: simpleTables(page),
  });
  page.walk(flow);
  flow.end();
  return output.end();
}
