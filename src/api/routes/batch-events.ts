import { createHash } from 'node:crypto';
import { Router } from 'express';
import { batchObject } from '../../jobs/batch-object';
import type { StoredBatch } from '../../store/batches';
import type { Database } from '../../store/database';
import type { BatchWatch } from '../batch-watch';
import { assertKnown } from '../checked-input';
import { openEventStream } from '../event-stream';
import type { StreamedEvent } from '../event-stream';
import { endSignal } from '../stream-answer';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { ownBatch } from './batches';

export interface BatchEventsDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  readonly publicUrl: string;
  readonly retentionMs: number;
}

interface BatchEvent extends StreamedEvent {
  /** Whether nothing follows. */
  readonly isLast: boolean;
}

/**
 * Serves `GET /batches/:id/events`: the batch object as a Server-Sent Event whenever it has changed. `Last-Event-ID` names a state,
 * so a client that comes back gets nothing as long as nothing has changed; 204 tells it that nothing will.
 */
export function batchEventsRouter(deps: BatchEventsDeps, watch: BatchWatch): Router {
  const router = Router();
  // The event of a state is made once, however many listen.
  const events = new WeakMap<StoredBatch, BatchEvent>();
  const eventOf = (batch: StoredBatch): BatchEvent => {
    const event = events.get(batch) ?? toEvent(batchObject(batch, deps));
    events.set(batch, event);
    return event;
  };

  router.get('/batches/:id/events', async (req, res) => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, {});
    const batch = await ownBatch(deps.database, key, req.params.id);
    const first = eventOf(batch);
    let lastId = req.get('last-event-id');
    if (first.isLast && first.id === lastId) return void res.status(204).end();

    const ending = endSignal(res);
    if (ending.aborted) return;
    const isFollowed = !first.isLast && req.method !== 'HEAD';
    const stop = isFollowed
      ? watch.listen(batch.id, (next) => (next === undefined ? stream.end() : tell(eventOf(next))))
      : undefined;
    if (stop !== undefined) ending.addEventListener('abort', stop);
    const stream = openEventStream(res);
    const tell = (event: BatchEvent): void => {
      if (event.isLast) stream.end(event);
      else if (event.id !== lastId) stream.send(event);
      lastId = event.id;
    };
    tell(first);
    if (!isFollowed) stream.end();
  });
  return router;
}

/** The id is a digest, so that it means the same to every process. What changes by the time alone is left out of it. */
function toEvent(object: Readonly<Record<string, unknown>>): BatchEvent {
  const { etaSeconds: _eta, throughput: _throughput, ...state } = object;
  const id = createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 16);
  return { id, event: 'batch', data: JSON.stringify(object), isLast: object['endedAt'] !== undefined };
}
