import type { BaseUrl } from './absolute-url';
import type { Dialect } from './dialect';
import { InlineRun } from './inline-run';
import { LineWriter } from './line-writer';
import type { Gap } from './line-writer';
import { OpenLists, numberOf } from './open-lists';
import { LINES, PARAGRAPHS, isSkipped } from './page-elements';
import type { Attributes, PageHandler } from './page-handler';
import { MAX_COLUMNS, TableRows, spanOf } from './tables';
import type { TextOutput } from './text-output';

export interface PageFlowOptions {
  readonly dialect: Dialect;
  readonly output: TextOutput;
  readonly base: BaseUrl;
  /** In XML every element is a block of its own. */
  readonly isXml: boolean;
  /** Numbers of the tables that hold data ({@link simpleTables}). */
  readonly simpleTables: ReadonlySet<number>;
}

type End = () => void;
const NOTHING: End = () => undefined;

/** Writes what there is to read on a page. The beginning of each element changes the output and returns what its end does. */
export class PageFlow implements PageHandler {
  readonly #dialect: Dialect;
  readonly #lines: LineWriter;
  readonly #run = new InlineRun();
  readonly #options: PageFlowOptions;
  readonly #ends: End[] = [];
  readonly #lists = new OpenLists();
  #skipDepth = 0;
  /** Whether the open option is shown by its label, so that its text is not. */
  #hasLabel = false;
  #headingLevel = 0;
  #tableCount = 0;
  #rows: TableRows | undefined;
  #isInCell = false;
  /** The text of the open `<pre>`. */
  #pre: { text: string; language: string | undefined } | undefined;

  constructor(options: PageFlowOptions) {
    this.#options = options;
    this.#dialect = options.dialect;
    this.#lines = new LineWriter(options.output, options.dialect);
  }

  onOpen(name: string, attributes: Attributes): void {
    const isSimple = name === 'table' && this.#options.simpleTables.has(this.#tableCount++);
    if (this.#skipDepth > 0 || (!this.#options.isXml && isSkipped(name, attributes))) this.#skipDepth += 1;
    else this.#ends.push(this.#begin(name, attributes, isSimple));
  }

  onClose(): void {
    if (this.#skipDepth > 0) this.#skipDepth -= 1;
    else this.#ends.pop()?.();
  }

  onText(text: string): void {
    if (this.#skipDepth > 0 || this.#hasLabel) return;
    if (this.#pre === undefined) this.#run.text(text);
    else this.#pre.text += text;
  }

  /** Writes what is left when the page has ended. */
  end(): void {
    this.#flush();
  }

  #begin(name: string, attributes: Attributes, isSimpleTable: boolean): End {
    if (!this.#options.isXml && (name === 'option' || name === 'optgroup')) return this.#beginOption(name, attributes);
    if (this.#options.isXml || LINES.has(name)) return this.#block('line');
    if (PARAGRAPHS.has(name)) return this.#block('paragraph');
    if (this.#pre !== undefined) return this.#beginInPre(this.#pre, name, attributes);
    switch (name) {
      case 'h1':
      case 'h2':
      case 'h3':
      case 'h4':
      case 'h5':
      case 'h6':
        return this.#beginHeading(Number(name.slice(1)));
      case 'ul':
      case 'menu':
      case 'dir':
        return this.#beginList(undefined);
      case 'ol':
        return this.#beginList(numberOf(attributes.get('start')) ?? 1, attributes.has('reversed') ? -1 : 1);
      case 'li':
        return this.#beginItem(attributes.get('value'));
      case 'blockquote':
        return this.#beginQuote();
      case 'pre':
      case 'listing':
      case 'plaintext':
      case 'xmp':
        return this.#beginPre(attributes);
      case 'table':
        return isSimpleTable ? this.#beginTable() : this.#block('paragraph');
      case 'tr':
        return this.#beginRow();
      case 'td':
      case 'th':
        return this.#beginCell(attributes);
      case 'hr':
        return this.#rule();
      case 'br':
        return this.#break();
      case 'img':
        return this.#image(attributes);
      case 'a':
        return this.#beginLink(attributes.get('href'));
      case 'b':
      case 'strong':
        return this.#run.open('strong');
      case 'em':
      case 'i':
        return this.#run.open('emphasis');
      case 'del':
      case 's':
      case 'strike':
        return this.#run.open('deleted');
      case 'code':
      case 'kbd':
      case 'samp':
      case 'tt':
        return this.#run.openCode();
      default:
        return NOTHING;
    }
  }

  /** Begins a block, which is kept apart from what is before and behind it. */
  #block(gap: Gap): End {
    this.#part(gap);
    return () => this.#part(gap);
  }

  #part(gap: Gap): void {
    if (this.#pre !== undefined) {
      if (this.#pre.text !== '' && !this.#pre.text.endsWith('\n')) this.#pre.text += '\n';
    } else if (this.#isInCell) {
      this.#run.space();
    } else {
      this.#flush();
      this.#lines.gap(gap);
    }
  }

  #flush(): void {
    const pieces = this.#run.take();
    if (pieces.length === 0) return;
    const level = this.#headingLevel;
    this.#lines.block(level > 0 ? this.#dialect.heading(pieces, level) : this.#dialect.paragraph(pieces));
  }

  #beginHeading(level: number): End {
    const end = this.#block('paragraph');
    const before = this.#headingLevel;
    this.#headingLevel = level;
    return () => {
      end();
      this.#headingLevel = before;
    };
  }

  #beginList(number: number | undefined, step: 1 | -1 = 1): End {
    const around = this.#lists.innermost;
    // A list within a list follows its text on the next line, but no paragraph is ended by a number other than 1 (CommonMark §5.3).
    const end = this.#block(around === undefined ? 'paragraph' : 'line');
    if (number !== undefined && number !== 1) this.#part('paragraph');
    // A list that stands in a list and not in one of its items belongs to the item before it, as browsers show it.
    const isBetweenItems = around !== undefined && !around.isInItem;
    if (isBetweenItems) this.#lines.enterContinued(around.markWidth);
    this.#lists.open(number, step);
    return () => {
      end();
      if (isBetweenItems) this.#lines.leave();
      this.#lists.close();
    };
  }

  #beginItem(value: string | undefined): End {
    this.#part('line');
    const item = this.#lists.beginItem(value);
    this.#lines.enterItem(item.mark);
    return () => {
      this.#part('line');
      this.#lines.leave();
      item.end();
    };
  }

  /** Browsers show the label of an option instead of its text, and that of a group in front of its options. */
  #beginOption(name: string, attributes: Attributes): End {
    const end = this.#block('line');
    const label = attributes.get('label') ?? '';
    if (label === '') return end;
    this.onText(label);
    if (name === 'optgroup') {
      this.#part('line');
      return end;
    }
    this.#hasLabel = true;
    return () => {
      this.#hasLabel = false;
      end();
    };
  }

  #beginQuote(): End {
    this.#part('paragraph');
    this.#lines.enterQuote(this.#dialect.quoteMark);
    return () => {
      this.#part('paragraph');
      this.#lines.leave();
    };
  }

  #beginPre(attributes: Attributes): End {
    this.#part('paragraph');
    const pre = { text: '', language: languageOf(attributes) };
    this.#pre = pre;
    return () => {
      this.#pre = undefined;
      const text = pre.text.replace(/\r\n?/g, '\n').replace(/^\n/, '').replaceAll('\0', '').trimEnd();
      if (text !== '') this.#lines.block(this.#dialect.preformatted(text, pre.language));
      this.#part('paragraph');
    };
  }

  #beginInPre(pre: { text: string; language: string | undefined }, name: string, attributes: Attributes): End {
    if (name === 'code') pre.language ??= languageOf(attributes);
    if (name === 'br') pre.text += '\n';
    return ['li', 'tr', 'table', 'ul', 'ol', 'pre', 'blockquote', 'hr'].includes(name) ? this.#block('line') : NOTHING;
  }

  #beginTable(): End {
    const end = this.#block('paragraph');
    const rows = new TableRows();
    this.#rows = rows;
    return () => {
      this.#rows = undefined;
      this.#flush();
      if (rows.rows.length > 0) this.#lines.block(this.#dialect.table(rows.rows));
      end();
    };
  }

  #beginRow(): End {
    const rows = this.#rows;
    if (rows === undefined) return this.#block('line');
    return () => rows.endRow();
  }

  #beginCell(attributes: Attributes): End {
    const rows = this.#rows;
    if (rows === undefined) return this.#block('line');
    this.#flush(); // Text between the cells stands before the table, as in browsers.
    this.#isInCell = true;
    return () => {
      this.#isInCell = false;
      const columns = spanOf(attributes.get('colspan'), MAX_COLUMNS);
      rows.addCell(this.#dialect.cell(this.#run.take()), columns, spanOf(attributes.get('rowspan'), 65_534));
    };
  }

  #rule(): End {
    this.#part('paragraph');
    if (this.#dialect.rule !== undefined) this.#lines.block(this.#dialect.rule);
    return () => this.#part('paragraph');
  }

  #break(): End {
    if (this.#isInCell) this.#run.space();
    else if (this.#run.break()) this.#part('paragraph');
    return NOTHING;
  }

  #image(attributes: Attributes): End {
    if (!this.#dialect.hasImages) return NOTHING;
    const alt = attributes.get('alt') ?? '';
    const url =
      this.#options.base.resolve(attributes.get('src')) ?? this.#options.base.resolve(attributes.get('data-src'));
    if (url !== undefined) this.#run.image(alt, url);
    else this.#run.text(alt); // The picture is part of the page itself (`data:`), so there is no address to write.
    return NOTHING;
  }

  #beginLink(href: string | undefined): End {
    const url = this.#options.base.resolve(href);
    return url === undefined ? NOTHING : this.#run.open('link', url);
  }
}

/** Reads the language of code from its class, where highlighters and markdown converters write it. */
const languageOf = (attributes: Attributes): string | undefined =>
  /(?:^|\s)(?:lang|language|highlight-source)-([\w+#.-]{1,40})/.exec(attributes.get('class') ?? '')?.[1];
