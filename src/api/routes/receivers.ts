import { Router } from 'express';
import { receiverObject } from '../../jobs/receiver-object';
import { ReceiverQuery } from '../../jobs/receiver-object-schema';
import type { Database } from '../../store/database';
import { findReceiverOfKey, listReceivers } from '../../store/list-receivers';
import { assertKnown, checkedWith } from '../checked-input';
import { cursorOf, placeOf } from '../list-cursor';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { linkNextPage } from '../next-page';
import { ProblemError } from '../problem';

export interface ReceiversDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
}

const DEFAULT_LIMIT = 100;
const QUERY_FIELDS = Object.keys(ReceiverQuery.shape);
const ID = /^[0-9a-f]{32}$/;
const ORIGIN = /^(\S+)$/;

/** Serves the receivers of a key's callbacks and how they do. Those of other keys answer 404. */
export function receiversRouter({ database, findApiKey }: ReceiversDeps): Router {
  const router = Router();

  router.get('/webhooks/receivers', async (req, res) => {
    const key = await authenticate(req, res, findApiKey);
    assertKnown(req, { query: QUERY_FIELDS });
    const query = checkedWith(ReceiverQuery, req.query);
    const scope = { list: 'receivers', apiKeyId: key.id, query };
    const [after] = placeOf(scope, query.cursor, ORIGIN) ?? [];
    const filter = { state: query.health, after, limit: query.limit ?? DEFAULT_LIMIT };
    const { receivers, next } = await listReceivers(database, key.id, filter);
    const nextCursor = next === undefined ? undefined : cursorOf(scope, [next]);
    linkNextPage(req, res, QUERY_FIELDS, nextCursor);
    const items = receivers.map((receiver) => receiverObject(receiver));
    res.json({ items, ...(nextCursor !== undefined && { nextCursor }) });
  });

  router.get('/webhooks/receivers/:id', async (req, res) => {
    const key = await authenticate(req, res, findApiKey);
    assertKnown(req, {});
    const id = req.params.id.toLowerCase();
    const found = ID.test(id) ? await findReceiverOfKey(database, key.id, id) : undefined;
    if (found === undefined) throw new ProblemError('not_found', 'There is no such receiver.');
    res.json(receiverObject(found.receiver, found.urls));
  });

  return router;
}
