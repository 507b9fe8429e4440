import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** One call that arrived whole. */
export interface DeliveryCall {
  readonly jobId: string;
  /** `webhook-id`. */
  readonly webhookId: string;
  readonly body: string;
  /** Why the signature does not hold; undefined when it does. */
  readonly signatureProblem: string | undefined;
  readonly answer: 200 | 500 | 'cut';
  /** Time of arrival by the clock of `performance.now()`. */
  readonly atMs: number;
}

export interface DeliveryReceiver {
  readonly url: string;
  /** Calls in order of arrival. */
  readonly calls: readonly DeliveryCall[];
  /** Jobs of which a call was answered with 200. */
  acknowledgedJobs(): number;
  close(): Promise<void>;
}

export interface DeliveryReceiverOptions {
  /** `whsec_…`, what calls have to be signed with. */
  readonly secret: string;
  readonly random: () => number;
  /** Most calls of a job that are refused. They are 5 s and 30 s apart, then minutes. @default 2, so that a round ends within two minutes */
  readonly mostTroubles?: number | undefined;
}

const TROUBLED_SHARE = 0.05;
const SLOWEST_MS = 8;

/** Answers after a few ms: 200, and to a random 5 % of the calls 500 or an end of the connection, in equal parts. */
export async function startDeliveryReceiver({
  secret,
  random,
  mostTroubles = 2,
}: DeliveryReceiverOptions): Promise<DeliveryReceiver> {
  const webhook = new Webhook(secret);
  const calls: DeliveryCall[] = [];
  const acknowledged = new Set<string>();
  const troubles = new Map<string, number>();

  const answerFor = (jobId: string): DeliveryCall['answer'] => {
    const before = troubles.get(jobId) ?? 0;
    if (random() >= TROUBLED_SHARE || before >= mostTroubles) return 200;
    troubles.set(jobId, before + 1);
    return random() < 0.5 ? 500 : 'cut';
  };

  const take = (body: string, { headers }: IncomingMessage, res: ServerResponse) => {
    const jobId = jobIdIn(body);
    const answer = answerFor(jobId);
    const signatureProblem = problemOf(webhook, body, headers);
    const webhookId = String(headers['webhook-id']);
    calls.push({ jobId, webhookId, body, signatureProblem, answer, atMs: performance.now() });
    setTimeout(() => {
      if (answer === 'cut') return res.destroy();
      if (answer === 200) acknowledged.add(jobId);
      return res.writeHead(answer).end();
    }, random() * SLOWEST_MS);
  };

  // A call whose sender was killed while it sent ends early and is none.
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => take(Buffer.concat(parts).toString('utf8'), req, res));
  });
  server.keepAliveTimeout = 300_000; // a connection that we close while a call is on its way would be one more trouble
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    acknowledgedJobs: () => acknowledged.size,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function jobIdIn(body: string): string {
  try {
    return String((JSON.parse(body) as { id?: unknown }).id);
  } catch {
    return `not JSON: ${body.slice(0, 100)}`;
  }
}

/** Checks the signature when the call arrives, because it is valid for five minutes only. */
function problemOf(webhook: Webhook, body: string, headers: IncomingHttpHeaders): string | undefined {
  try {
    webhook.verify(body, headers as Record<string, string>, { jsonParse: false });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
