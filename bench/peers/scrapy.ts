import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Peer, PeerOrder } from './peer-process';

const PACKAGES = join(__dirname, '..', '..', 'scripts', 'python-packages.mjs');

/** The Python that has Scrapy, installed below `.cache` the first time; undefined, with a message, where it cannot be had. */
export function findScrapy(): string | undefined {
  const { stdout } = spawnSync(process.execPath, [PACKAGES, 'scrapy'], { encoding: 'utf8' });
  if (!stdout.startsWith('skipped')) return stdout.trim();
  console.log(`without Scrapy: ${stdout.trim()}`);
  return undefined;
}

/** Scrapy with so many requests in flight. Each run is a process of its own, because its reactor cannot be started twice; only the crawl is timed. */
export function createScrapyPeer(python: string, concurrency: number): Peer {
  return {
    pid: 0,
    async run({ urls, paths }: PeerOrder) {
      const child = spawn(python, [join(__dirname, 'scrapy_peer.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stdin.end(`${JSON.stringify({ urls, paths, concurrency })}\n`);
      const [code] = (await exited) as [number | null];
      const seconds = Number(output.trim());
      if (code !== 0 || !(seconds > 0)) throw new Error(`Scrapy ended with ${code}: ${output}`);
      return seconds;
    },
    stop: () => Promise.resolve(),
  };
}
