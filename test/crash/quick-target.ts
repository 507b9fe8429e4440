import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface QuickTarget {
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/** A site on loopback that answers at once, with pages that differ by their path. */
export async function startQuickTarget(pages: number): Promise<QuickTarget> {
  const server = createServer((req, res) => {
    const line = `<p>Größe ${req.url}\n`;
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    res.end(`<!doctype html><title>${req.url}</title>\n${line.repeat(50)}`);
  });
  server.keepAliveTimeout = 300_000; // a connection that we close while a request is on its way would count as a failed fetch
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urls: Array.from({ length: pages }, (_, index) => `http://127.0.0.1:${port}/page/${index}`),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
