import type { IncomingHttpHeaders } from 'node:http';
import { startOrigin } from './origin';

export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any
  /** The body as it was on the wire: what is signed. */
  readonly rawBody: string;
  /** 1 for the call that arrived first, before its body was read. */
  readonly arrival: number;
}

/** A callback receiver on loopback; closes itself after the test. `statusOf` decides each answer; 0 breaks the connection off. */
export async function createReceiver(
  statusOf: (call: ReceivedCall) => number = () => 200,
): Promise<{ readonly url: string; readonly calls: ReceivedCall[] }> {
  const calls: ReceivedCall[] = [];
  let arrived = 0;
  const origin = await startOrigin((req, res) => {
    const arrival = (arrived += 1);
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const rawBody = Buffer.concat(parts).toString('utf8');
      const call = { headers: req.headers, body: JSON.parse(rawBody), rawBody, arrival };
      calls.push(call);
      const status = statusOf(call);
      if (status === 0) return void res.socket?.resetAndDestroy();
      res.statusCode = status;
      res.end();
    });
  });
  return { url: `${origin.url}/hook`, calls };
}
