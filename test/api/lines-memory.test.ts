import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LineReader } from '../../src/api/lines/line-reader';
import { createLineSplitter } from '../../src/api/lines/split-lines';
import { NO_FEATURES } from '../../src/jobs/features';
import { MAX_BATCH_URLS } from '../../src/jobs/job-id';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

function heldBytes(): number {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const lineOf = (index: number): string =>
  `${JSON.stringify({
    ...{ url: `https://a.example/${index}`, id: `sku-${index}`, method: 'POST', meta: { index } },
    headers: { 'x-own': String(index) },
    body: `${index}`.padEnd(300, 'x'),
  })}\n`;

test('of 50,000 lines no more is held than their URLs, ids and options', () => {
  const reader = new LineReader({
    ...{ options: {}, params: {}, features: NO_FEATURES, missingFeatures: 'refuse', isDeduped: false },
  });
  const splitter = createLineSplitter((bytes, number) => reader.read(bytes, number));
  const before = heldBytes();
  let sentBytes = 0;
  for (let index = 0; index < MAX_BATCH_URLS; index += 100) {
    const part = Buffer.from(Array.from({ length: 100 }, (_, offset) => lineOf(index + offset)).join(''));
    sentBytes += part.length;
    splitter.push(part);
  }
  splitter.end();
  const read = reader.end();
  expect(heldBytes() - before).toBeLessThan(1.7 * sentBytes);
  expect(read.urls).toHaveLength(MAX_BATCH_URLS);
  expect(read.lines.clientIds[49_999]).toBe('sku-49999');
  expect(JSON.parse(read.lines.options[49_999] ?? '')).toMatchObject({
    headers: { 'x-own': '49999' },
    meta: { index: 49_999 },
  });
});

test('a line may come in any pieces', () => {
  const lines: [string | undefined, number][] = [];
  const splitter = createLineSplitter((bytes, number) => lines.push([bytes?.toString(), number]));
  for (const part of ['a', '', 'b\n', '\n', '\r\nc', 'd', '\ne']) splitter.push(Buffer.from(part));
  splitter.push(Buffer.alloc(2 ** 20, 'x'));
  splitter.push(Buffer.from('\nlast'));
  splitter.end();
  expect(lines).toEqual([
    ['ab', 1],
    ['\r', 3],
    ['cd', 4],
    [undefined, 5],
    ['last', 6],
  ]);
});
