import type { Response } from 'express';

/** Time after which clients connect again once a stream has broken off (ms). */
const RECONNECT_MS = 2_000;
const HEARTBEAT_MS = 15_000;

export interface StreamedEvent {
  readonly id: string;
  readonly event: string;
  /** On one line. */
  readonly data: string;
}

export interface EventStream {
  /** A client that does not keep up gets the latest event only. */
  send(event: StreamedEvent): void;
  /** Sends a last event and ends the stream. */
  end(event?: StreamedEvent): void;
}

/**
 * Answers with Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A client that has taken nothing
 * from one heartbeat to the next but one is cut off.
 */
export function openEventStream(res: Response, heartbeatMs = HEARTBEAT_MS): EventStream {
  res.set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // nginx would wait for a buffer to fill.
    'X-Accel-Buffering': 'no',
  });
  res.write(`retry: ${RECONNECT_MS}\n\n`);
  let waiting: StreamedEvent | undefined;
  let isBehind = false;
  const write = (event: StreamedEvent): void => void res.write(textOf(event));
  res.on('drain', () => {
    isBehind = false;
    const event = waiting;
    waiting = undefined;
    if (event !== undefined) write(event);
  });
  const heartbeat = setInterval(() => {
    if (!res.writableNeedDrain) res.write(':\n\n');
    else if (isBehind) res.destroy();
    else isBehind = true;
  }, heartbeatMs).unref();
  res.on('close', () => clearInterval(heartbeat));
  return {
    send(event) {
      if (res.writableNeedDrain) waiting = event;
      else write(event);
    },
    end: (event) => void res.end(event === undefined ? undefined : textOf(event)),
  };
}

const textOf = ({ id, event, data }: StreamedEvent): string => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
