import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { WARCParser } from 'warcio';
import {
  WarcFormatError,
  buildSegment,
  parsePageRecord,
  parseScreenshotRecord,
  writePageRecord,
  writeScreenshotRecord,
} from '../../../src/pages/segments/warc';
import { fetchedPage, JOB_ID } from './page-fixture';

const write = (changes: Parameters<typeof fetchedPage>[0] = {}): Buffer =>
  Buffer.concat(writePageRecord({ page: fetchedPage(changes), jobId: JOB_ID }));

const body = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes));
const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$/);
const fieldName = token.filter((name) => !/^(content-length|transfer-encoding)$/i.test(name));
/** Values with any byte but CR, LF and NUL, and without blanks at the ends, which belong to the line and not to the value. */
const fieldValue = fc
  .array(fc.integer({ min: 1, max: 255 }).filter((byte) => byte !== 10 && byte !== 13), { maxLength: 40 })
  .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/^[ \t]+|[ \t]+$/g, '')); // prettier-ignore
const page = fc.record({
  finalUrl: fc.webUrl({ withQueryParameters: true }).map((url) => new URL(url).href),
  statusCode: fc.integer({ min: 200, max: 999 }),
  statusText: fieldValue,
  headers: fc.array(fc.tuple(fieldName, fieldValue), { maxLength: 8 }),
  body,
  fetchedAt: fc
    .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((d) => d.toISOString()),
});

describe('writePageRecord', () => {
  test('writes the record in the layout of the standard', () => {
    expect(write().toString('latin1')).toBe(
      [
        'WARC/1.1',
        'WARC-Type: response',
        `WARC-Record-ID: <urn:uuid:${JOB_ID}>`,
        'WARC-Date: 2026-10-05T13:14:15.678Z',
        'WARC-Target-URI: https://shop.example/item?id=7',
        'Content-Type: application/http;msgtype=response',
        'Content-Length: 56',
        '',
        'HTTP/1.1 200 OK',
        'Content-Type: text/html',
        '',
        '<p>hello</p>',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test('hands on the buffer of the page without a copy', () => {
    const { body } = fetchedPage();
    expect(writePageRecord({ page: fetchedPage({ body }), jobId: JOB_ID })).toContain(body);
  });

  test('takes a record id of its own', () => {
    const recordId = '11111111-2222-4333-8444-555555555555';
    const chunks = writePageRecord({ page: fetchedPage(), jobId: JOB_ID, recordId });
    expect(chunks[0]?.toString()).toContain(`<urn:uuid:${recordId}>`);
  });

  test('writes the date in UTC', () => {
    expect(parsePageRecord(write({ fetchedAt: '2026-10-05T15:14:15+02:00' })).date).toBe('2026-10-05T13:14:15.000Z');
  });

  test.each([
    ['replaces transfer-encoding by the length', [['Transfer-Encoding', 'chunked']], [['Content-Length', '12']]],
    ['corrects a length that is not true', [['content-length', '99'], ['x', 'y']], [['content-length', '12'], ['x', 'y']]], // prettier-ignore
    ['keeps one of several lengths', [['Content-Length', '12'], ['Content-Length', '13']], [['Content-Length', '12']]], // prettier-ignore
    ['prefers the length that is there', [['Transfer-Encoding', 'chunked'], ['Content-Length', '1']], [['Content-Length', '12']]], // prettier-ignore
    ['adds no length that was not sent', [['Connection', 'close']], [['Connection', 'close']]],
    ['keeps the content-encoding and repeated names', [['Content-Encoding', 'br'], ['A', '1'], ['a', '2']], [['Content-Encoding', 'br'], ['A', '1'], ['a', '2']]], // prettier-ignore
  ] as [string, [string, string][], [string, string][]][])('%s', (_name, sent, stored) => {
    expect(parsePageRecord(write({ headers: sent })).headers).toEqual(stored);
  });

  test.each([
    ['line breaks in a value', { headers: [['a', 'x\r\nSet-Cookie: evil=1']] }],
    ['a line feed hidden in a character beyond Latin-1', { headers: [['a', 'x\u010d\u010aSet-Cookie: evil=1']] }],
    ['line breaks in a name', { headers: [['a: 1\r\nSet-Cookie', 'evil=1']] }],
    ['a name without characters', { headers: [['', 'x']] }],
    ['line breaks in the status text', { statusText: 'OK\r\nSet-Cookie: evil=1' }],
    ['an end of header in a value', { headers: [['a', '\r\n\r\n<script>']] }],
  ] as [string, Parameters<typeof fetchedPage>[0]][])('lets %s start no line', (_name, changes) => {
    const record = parsePageRecord(write(changes));
    expect(record.headers.length).toBeLessThanOrEqual(1);
    expect(record.headers.map(([name]) => name.toLowerCase())).not.toContain('set-cookie');
    expect(record.body).toEqual(fetchedPage().body);
  });

  test('lets line breaks in the URL start no line', () => {
    const record = parsePageRecord(write({ finalUrl: 'https://a.example/\r\nWARC-Type: warcinfo' }));
    expect(record.targetUri).toBe('https://a.example/%0D%0AWARC-Type:%20warcinfo');
  });
});

describe('parsePageRecord', () => {
  test('gives back any page', () => {
    fc.assert(
      fc.property(page, (sent) => {
        const { finalUrl, fetchedAt, ...message } = sent;
        expect(parsePageRecord(write(sent))).toEqual({
          ...message,
          isConverted: false,
          targetUri: finalUrl,
          date: fetchedAt,
        });
      }),
    );
  });

  test('knows a page that was made into something else', () => {
    expect(parsePageRecord(write({ isConverted: true })).isConverted).toBe(true);
  });

  test('a screenshot stands behind its page and comes back as it was', () => {
    const screenshot = Buffer.from('\x89PNG\r\n\x1a\n\r\n\r\nrest', 'latin1');
    const record = writePageRecord({ page: fetchedPage(), jobId: JOB_ID });
    const { chunks, places } = buildSegment([record, writeScreenshotRecord(fetchedPage(), screenshot)]);
    const segment = Buffer.concat(chunks);
    const [page, image] = places.map(({ offset, length }) => segment.subarray(offset, offset + length));
    expect(parsePageRecord(page ?? segment).body).toEqual(fetchedPage().body);
    expect(parseScreenshotRecord(image ?? segment)).toEqual(screenshot);
    expect(image?.toString('latin1')).toContain(`\r\nWARC-Target-URI: urn:fullPage:${fetchedPage().finalUrl}\r\n`);
    expect(() => parseScreenshotRecord(page ?? segment)).toThrow(WarcFormatError);
  });

  test('never reads a header that was not given, whatever strings the fetcher hands over', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 30 });
    const hostile = fc.record({
      statusText: anyText,
      headers: fc.array(fc.tuple(anyText, anyText), { maxLength: 6 }),
      body,
      finalUrl: anyText,
    });
    fc.assert(
      fc.property(hostile, (sent) => {
        const record = parsePageRecord(write(sent));
        expect(record.headers.length).toBeLessThanOrEqual(sent.headers.length);
        expect(record.body).toEqual(sent.body);
        expect(record.statusCode).toBe(200);
      }),
    );
  });

  test('refuses any other range than that of one record', () => {
    const segment = Buffer.concat([write(), write()]);
    const { length } = write();
    fc.assert(
      fc.property(fc.nat(segment.length), fc.nat(segment.length), (start, bytes) => {
        const isRecord = (start === 0 || start === length) && bytes === length;
        const parse = (): unknown => parsePageRecord(segment.subarray(start, start + bytes));
        if (isRecord) expect(parse).not.toThrow();
        else if (!(start === length && bytes > length)) expect(parse).toThrow();
      }),
    );
  });

  test('refuses a record of another type', () => {
    const other = Buffer.from(write().toString('latin1').replace('Type: response', 'Type: warcinfo'), 'latin1');
    expect(() => parsePageRecord(other)).toThrow('expected a response or conversion record, found warcinfo');
  });
});

describe('buildSegment', () => {
  test('tells where each record is', () => {
    fc.assert(
      fc.property(fc.array(page, { maxLength: 6 }), (pages) => {
        const records = pages.map((sent) => writePageRecord({ page: fetchedPage(sent), jobId: JOB_ID }));
        const { chunks, places } = buildSegment(records);
        const segment = Buffer.concat(chunks);
        expect(places).toHaveLength(pages.length);
        places.forEach(({ offset, length }, i) => {
          const record = parsePageRecord(segment.subarray(offset, offset + length));
          expect(record.body).toEqual(pages[i]?.body);
        });
      }),
    );
  });

  test('is read by warcio, an independent reader', async () => {
    const visible = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?$/);
    const plainName = fieldName.filter((name) => !/^(content-encoding|set-cookie)$/i.test(name));
    const headers = fc.uniqueArray(fc.tuple(plainName, visible), {
      selector: ([name]) => name.toLowerCase(),
      minLength: 1, // warcio 2.4.11 takes the body for headers when there are none.
      maxLength: 6,
    });
    const pages = fc.array(fc.tuple(page, headers, visible), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pages, async (generated) => {
        const sent = generated.map(([any, headers, statusText]) => ({ ...any, headers, statusText }));
        const { chunks, places } = buildSegment(
          sent.map((one) => writePageRecord({ page: fetchedPage(one), jobId: JOB_ID })),
        );
        const parser = new WARCParser([Buffer.concat(chunks)]);
        let i = 0;
        for await (const record of parser) {
          const one = sent[i];
          expect(record.warcType).toBe('response');
          expect(record.warcTargetURI).toBe(one?.finalUrl);
          expect(record.warcDate).toBe(one?.fetchedAt);
          expect(record.warcHeader('WARC-Record-ID')).toBe(`<urn:uuid:${JOB_ID}>`);
          const info = record.getResponseInfo();
          expect(Number(info?.status)).toBe(one?.statusCode);
          expect(info?.statusText).toBe(one?.statusText);
          for (const [name, value] of one?.headers ?? []) expect(info?.headers.get(name)).toBe(value);
          expect(Buffer.from(await record.readFully(false))).toEqual(one?.body);
          expect(parser.offset).toBe(places[i]?.offset);
          i += 1;
        }
        expect(i).toBe(sent.length);
      }),
    );
  });

  test('keeps pages compressed, and warcio unpacks them', async () => {
    const record = write({
      headers: [['Content-Encoding', 'gzip'], ['Transfer-Encoding', 'chunked']], // prettier-ignore
      body: gzipSync('héllo'),
    });
    const read = await WARCParser.parse([record]);
    expect(await read?.contentText()).toBe('héllo');
  });
});
