import type { IncomingHttpHeaders } from 'node:http';
import { startOrigin } from './origin';

export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** A callback receiver on loopback; closes itself after the test. `statusOf` decides each answer. */
export async function createReceiver(
  statusOf: (call: ReceivedCall) => number = () => 200,
): Promise<{ readonly url: string; readonly calls: ReceivedCall[] }> {
  const calls: ReceivedCall[] = [];
  const origin = await startOrigin((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const call = { headers: req.headers, body: JSON.parse(Buffer.concat(parts).toString('utf8')) };
      calls.push(call);
      res.statusCode = statusOf(call);
      res.end();
    });
  });
  return { url: `${origin.url}/hook`, calls };
}
