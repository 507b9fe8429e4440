import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { streamPage } from '../../../src/pages/stream-page';

/**
 * Runs as a process of its own, to measure its memory. It streams small pages and then large ones, and sends its parent
 * what the large ones took more. It collects garbage at every megabyte, because garbage depends on the throughput and not on the page.
 */
const [smallMegabytes = 0, rounds = 0, largeMegabytes = 0] = process.argv.slice(2).map(Number);
const block = Buffer.from('Größe 10 € – '.repeat(70_000)).subarray(0, 1024 * 1024);
const zipped = gzipSync(block, { level: 1 });

const KINDS = [
  { part: block, headers: [['content-type', 'application/pdf']] },
  { part: block, headers: [['content-type', 'text/html; charset=gbk']] },
  // It is valid until its last byte, so that all of it is looked at.
  { part: Buffer.alloc(block.length, ' '), headers: [['content-type', 'application/json']] },
  { part: zipped, headers: [['content-encoding', 'gzip']] },
] as const;

/** Streams a page, which is never there as a whole. @returns characters that came out */
async function stream(megabytes: number): Promise<number> {
  let characters = 0;
  for (const { part, headers } of KINDS) {
    async function* body() {
      for (let i = 0; i < megabytes; i += 1) {
        globalThis.gc?.();
        for (let at = 0; at < part.length; at += 262_144) yield part.subarray(at, at + 262_144);
      }
    }
    const page = {
      targetUri: 'https://a.example/',
      statusCode: 200,
      bodyBytes: megabytes * part.length,
      headers,
      body,
    };
    const streamed = await streamPage(page, { isBinaryTarget: false, jsonBody: 'object', maxBytes: 50 * 1024 * 1024 });
    if (streamed.kind === 'page') for await (const text of streamed.text()) characters += text.length;
  }
  return characters;
}

function peakMegabytes(): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

async function run(): Promise<void> {
  let small = 0;
  for (let round = 0; round < rounds; round += 1) small = await stream(smallMegabytes);
  const before = peakMegabytes();
  const large = await stream(largeMegabytes);
  process.send?.({ small, large, growth: peakMegabytes() - before });
  process.disconnect();
}

void run();
