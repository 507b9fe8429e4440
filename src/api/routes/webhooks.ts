import { Router } from 'express';
import type { Request, Response } from 'express';
import { createDeliveryId, deliveryObject } from '../../jobs/delivery-object';
import { isUuid } from '../../jobs/job-id';
import { DeliveryQuery, ReplayRequest } from '../../jobs/webhook-requests';
import type { ApiKey } from '../../store/api-keys';
import type { Database } from '../../store/database';
import { findDelivery, listDeliveries } from '../../store/delivery-log';
import { replayDeliveries, replayDelivery } from '../../store/replay-deliveries';
import { MAX_PENDING_TESTS, insertTestDelivery } from '../../store/test-delivery';
import { findWebhookSecrets, rotateWebhookSecret } from '../../store/webhook-secrets';
import type { WebhookSecrets } from '../../store/webhook-secrets';
import { assertKnown, assertNotForbidden, checkedUrl, checkedWith, objectBody } from '../checked-input';
import type { KnownParameters } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { linkNextPage } from '../next-page';
import { ProblemError } from '../problem';

export interface WebhooksDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  /** Says why an address must not be connected to, as far as the URL alone tells. */
  readonly forbiddenReason: (url: string) => string | undefined;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

const DEFAULT_LIMIT = 100;
const QUERY_FIELDS = Object.keys(DeliveryQuery.shape);
const REPLAY_FIELDS = Object.keys(ReplayRequest.shape);
/** Longest time that a call takes, after which a test call is no longer pending. */
const TEST_RETRY_AFTER_SEC = 15;

/** Serves the log of callbacks, replays, test calls and the signing secret. Deliveries of other keys answer 404. */
export function webhooksRouter(deps: WebhooksDeps): Router {
  const router = Router();
  const { database } = deps;

  /** Authenticates the request. @throws ProblemError 401, or `invalid_request` when it has parameters that are not known */
  const open = async (req: Request, res: Response, known: KnownParameters): Promise<ApiKey> => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, known);
    return key;
  };

  router.get('/webhooks/deliveries', async (req, res) => {
    const key = await open(req, res, { query: QUERY_FIELDS });
    const { job, batch, endpoint, status, limit, ...rest } = checkedWith(DeliveryQuery, req.query);
    const filter = { ...rest, jobId: job, batchId: batch, origin: endpoint, statuses: status };
    const page = await listDeliveries(database, key.id, { ...filter, limit: limit ?? DEFAULT_LIMIT });
    linkNextPage(req, res, QUERY_FIELDS, page.nextCursor);
    res.json({ ...page, items: page.items.map(deliveryObject) });
  });

  router.get('/webhooks/deliveries/:id', async (req, res) => {
    const key = await open(req, res, {});
    const id = req.params.id.toLowerCase();
    const delivery = isUuid(id) ? await findDelivery(database, key.id, id) : undefined;
    if (delivery === undefined) throw noSuchDelivery();
    res.json(deliveryObject(delivery));
  });

  router.post('/webhooks/deliveries/:id/replay', async (req, res) => {
    const key = await open(req, res, {});
    const id = req.params.id.toLowerCase();
    const replayed = isUuid(id) ? await replayDelivery(database, key.id, id) : undefined;
    if (replayed === undefined) throw noSuchDelivery();
    deps.onDeliveries([replayed.endpointId]);
    res.status(202).json(deliveryObject(replayed.delivery));
  });

  router.post('/webhooks/replay', async (req, res) => {
    const key = await open(req, res, { body: REPLAY_FIELDS });
    const { since, until, status, endpoint } = checkedWith(ReplayRequest, objectBody(req.body));
    const selection = { since, until, origin: endpoint, statuses: status ?? ['failed', 'stopped'] };
    const { count, endpointIds } = await replayDeliveries(database, key.id, selection);
    deps.onDeliveries(endpointIds);
    res.status(202).json({ replayed: count });
  });

  router.post('/webhooks/test', async (req, res) => {
    const key = await open(req, res, { body: ['url'] });
    const url = checkedUrl(objectBody(req.body)['url']);
    assertNotForbidden('url', url, deps.forbiddenReason);
    const inserted = await insertTestDelivery(database, key.id, url, createDeliveryId());
    if (inserted === undefined) throw tooManyTests();
    deps.onDeliveries([inserted.endpointId]);
    res.status(202).location(`/webhooks/deliveries/${inserted.delivery.id}`).json(deliveryObject(inserted.delivery));
  });

  router.get('/webhooks/secret', async (req, res) => {
    const key = await open(req, res, {});
    sendSecret(res, await findWebhookSecrets(database, key.id));
  });

  router.post('/webhooks/secret/rotate', async (req, res) => {
    const key = await open(req, res, {});
    sendSecret(res, await rotateWebhookSecret(database, key.id));
  });

  return router;
}

const noSuchDelivery = (): ProblemError => new ProblemError('not_found', 'There is no such delivery.');

const tooManyTests = (): ProblemError =>
  new ProblemError('too_many_unfinished', `The key has ${MAX_PENDING_TESTS} test calls that have not been made yet.`, {
    headers: { 'Retry-After': String(TEST_RETRY_AFTER_SEC) },
  });

function sendSecret(res: Response, secrets: WebhookSecrets | undefined): void {
  if (secrets === undefined) throw new ProblemError('not_found', 'There is no such key any more.');
  const { current: secret, previousValidUntil } = secrets;
  res.set('Cache-Control', 'no-store').json({
    secret,
    ...(previousValidUntil !== undefined && { previousValidUntil: previousValidUntil.toISOString() }),
  });
}
