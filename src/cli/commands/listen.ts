import type { Command } from 'commander';
import { CallSignature } from '../../callbacks/signature';
import type { Delivery } from '../../client/index';
import { usageError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { followDeliveries } from '../follow/follow-deliveries';
import { Patience } from '../follow/patience';
import { printable } from '../terminal';

export function addListen(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'listen',
    group: groups.callbacks,
    summary: 'show the callbacks of this key as they are made, and send them on to a local server',
    more: `It reads the log of the service and fetches what each callback tells, so no public address is needed. What is sent on has
the body, the headers and the signature of a callback of the service. The service goes on calling the receiver itself:
--callback https://listen.invalid/ is a receiver that exists nowhere.`,
    examples: [
      'everfetch listen --forward-to http://127.0.0.1:3000/hook',
      'everfetch submit https://example.com/ --callback https://listen.invalid/',
    ],
  })
    .option('--forward-to <url>', 'local server that gets each callback as POST')
    .option('--endpoint <url>', 'only callbacks to this receiver');
  command.action(() => run(command, (context) => listen(context, command.opts<Given>())));
}

interface Given {
  readonly forwardTo?: string;
  readonly endpoint?: string;
}

async function listen(context: CliContext, { forwardTo, endpoint }: Given): Promise<number> {
  const { client, signal, isJson, print, printJson, say } = context;
  const target = forwardTo === undefined ? undefined : localUrl(forwardTo);
  const { secret } = await client.webhookSecret({ signal });
  const patience = new Patience({
    signal,
    onChange: (isLost) => say(isLost ? 'connection lost, retrying' : 'connected again'),
  });
  const onReady = () => {
    if (!isJson)
      say(`waiting for callbacks${target === undefined ? '' : `, which go on to ${target}`}; Ctrl-C ends it.`);
  };
  const options = { filter: { endpoint }, withChanges: false, patience, signal, onReady };
  for await (const delivery of followDeliveries(client, options)) {
    const forwarded = target === undefined ? undefined : await forward(context, delivery, { target, secret });
    if (isJson) await printJson({ ...delivery, ...(forwarded !== undefined && { forwarded }) });
    else await print(`${lineOf(delivery, forwarded)}\n`);
  }
  return cliExitCodes.done.code;
}

function localUrl(text: string): string {
  const withScheme = /^\d+$/.test(text)
    ? `http://127.0.0.1:${text}/`
    : /^https?:\/\//.test(text)
      ? text
      : `http://${text}`;
  try {
    return new URL(withScheme).href;
  } catch {
    throw usageError(`--forward-to must be an address like http://127.0.0.1:3000/hook, not ${JSON.stringify(text)}.`);
  }
}

/** What became of a callback that was sent on. */
interface Forwarded {
  readonly statusCode?: number;
  readonly error?: string;
  readonly durationMs: number;
}

/** As long as the service itself waits for a receiver (ms). */
const FORWARD_TIMEOUT_MS = 15_000;

/** Sends a callback on. A server that does not answer is no reason to stop. */
async function forward(
  { client, signal }: CliContext,
  delivery: Delivery,
  { target, secret }: { readonly target: string; readonly secret: string },
): Promise<Forwarded> {
  const startedAt = Date.now();
  try {
    const body = await payloadOf(client, delivery, signal);
    const signature = new CallSignature({ id: delivery.id, at: new Date(), secrets: [secret] });
    signature.update(body);
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signature.headers() },
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(FORWARD_TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    return { statusCode: response.status, durationMs: Date.now() - startedAt };
  } catch (error) {
    signal.throwIfAborted();
    const { message, cause } = error as { readonly message: string; readonly cause?: { readonly code?: string } };
    return { error: cause?.code ?? message, durationMs: Date.now() - startedAt };
  }
}

/** What the callback tells, byte for byte: the object that its address has at this moment. */
async function payloadOf(client: CliContext['client'], delivery: Delivery, signal: AbortSignal): Promise<Buffer> {
  const { id, jobId, batchId, event, createdAt } = delivery;
  const path = event.startsWith('batch.') && batchId !== undefined ? `/batches/${batchId}` : jobId && `/jobs/${jobId}`;
  if (path === undefined || path === '') return Buffer.from(JSON.stringify({ id, event: 'test', createdAt }));
  const response = await client.request('GET', path, { signal });
  return Buffer.from(await response.arrayBuffer());
}

function lineOf({ createdAt, event, id, jobId, batchId }: Delivery, forwarded: Forwarded | undefined): string {
  const about = jobId ?? batchId ?? 'test';
  const answer =
    forwarded === undefined ? '' : `  → ${forwarded.statusCode ?? forwarded.error ?? ''} in ${forwarded.durationMs} ms`;
  return printable(`${createdAt}  ${event}  ${about}  ${id}${answer}`);
}
