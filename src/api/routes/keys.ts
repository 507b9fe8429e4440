import { Router } from 'express';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { isUuid } from '../../jobs/job-id';
import { keyObject } from '../../jobs/key-object';
import { KeyListQuery, KeyPatch, NewKey } from '../../jobs/key-requests';
import { DEFAULT_KEY_NAME } from '../../store/api-keys';
import type { ApiKey } from '../../store/api-keys';
import { changeApiKey, revokeKeyById } from '../../store/change-api-key';
import type { KeyRefusal } from '../../store/change-api-key';
import type { Database } from '../../store/database';
import { createApiKey, findKeyRecord, listKeyPage } from '../../store/manage-api-keys';
import type { GivenLimits } from '../../store/manage-api-keys';
import type { Logger } from '../../telemetry/logger';
import { assertKnown, checkedWith, invalid, objectBody } from '../checked-input';
import type { KnownParameters } from '../checked-input';
import { TIME, UUID, cursorOf, placeOf } from '../list-cursor';
import { authenticateAdmin } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { linkNextPage } from '../next-page';
import { ProblemError } from '../problem';

export interface KeysDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  readonly logger: Logger;
}

const DEFAULT_LIMIT = 1_000;
const QUERY_FIELDS = Object.keys(KeyListQuery.shape);
const NEW_FIELDS = Object.keys(NewKey.shape);
const PATCH_FIELDS = Object.keys(KeyPatch.shape);
const PLACE = new RegExp(`^${TIME} ${UUID}$`);

/** Serves `/keys`: admin keys list, make, change and revoke the keys of the installation. What is done is logged, with who did it. */
export function keysRouter({ database, findApiKey, logger }: KeysDeps): Router {
  const router = Router();

  const open = async (req: Request, res: Response, known: KnownParameters): Promise<ApiKey> => {
    const admin = await authenticateAdmin(req, res, findApiKey);
    assertKnown(req, known);
    return admin;
  };
  const note = (what: string, admin: ApiKey, { id, name }: { readonly id: string; readonly name: string }): void =>
    logger.info({ admin_key_name: admin.name, key_id: id, key_name: name }, what);

  router.get('/keys', async (req, res) => {
    const admin = await open(req, res, { query: QUERY_FIELDS });
    const { limit = DEFAULT_LIMIT, cursor } = checkedWith(KeyListQuery, req.query);
    const scope = { list: 'keys', apiKeyId: admin.id, query: {} };
    const [createdAt, id] = placeOf(scope, cursor, PLACE) ?? [];
    const after = createdAt === undefined || id === undefined ? undefined : { createdAt, id };
    const { keys, next } = await listKeyPage(database, { after, limit });
    const nextCursor = next && cursorOf(scope, [next.createdAt, next.id]);
    linkNextPage(req, res, QUERY_FIELDS, nextCursor);
    res.json({ items: keys.map(keyObject), ...(nextCursor !== undefined && { nextCursor }) });
  });

  router.post('/keys', async (req, res) => {
    const admin = await open(req, res, { body: NEW_FIELDS });
    const { name, isAdmin, limits } = checkedWith(NewKey, objectBody(req.body));
    const made = await database.transaction(async (tx) => {
      const key = await createApiKey(tx, name, { isAdmin, ...limitsOf(limits) });
      const record = key === undefined ? undefined : await findKeyRecord(tx, { name });
      return key === undefined || record === undefined ? undefined : { key, record };
    });
    if (made === undefined) throw nameTaken();
    note('API key made', admin, made.record);
    res
      .status(201)
      .set('Cache-Control', 'no-store')
      .location(`/keys/${made.record.id}`)
      .json({ ...keyObject(made.record), key: made.key });
  });

  router.get('/keys/:id', async (req, res) => {
    await open(req, res, {});
    const record = await findKeyRecord(database, { id: keyId(req.params.id) });
    if (record === undefined) throw noSuchKey();
    res.json(keyObject(record));
  });

  router.patch('/keys/:id', async (req, res) => {
    const admin = await open(req, res, { body: PATCH_FIELDS });
    const { name, isAdmin, limits } = checkedWith(KeyPatch, objectBody(req.body));
    const id = keyId(req.params.id);
    if (name !== undefined) await assertMayBeRenamed(database, id, name);
    const changed = await changeApiKey(database, { id, adminId: admin.id }, { name, isAdmin, ...limitsOf(limits) });
    if (changed.kind !== 'done') throw refused(changed.kind);
    note('API key changed', admin, changed.key);
    res.json(keyObject(changed.key));
  });

  router.delete('/keys/:id', async (req, res) => {
    const admin = await open(req, res, {});
    const revoked = await revokeKeyById(database, { id: keyId(req.params.id), adminId: admin.id });
    if (revoked.kind !== 'done') throw refused(revoked.kind);
    note('API key revoked', admin, revoked.key);
    res.json(keyObject(revoked.key));
  });

  return router;
}

/** The id in lower case. @throws ProblemError `not_found` when it cannot be one */
function keyId(text: string): string {
  const id = text.toLowerCase();
  if (!isUuid(id)) throw noSuchKey();
  return id;
}

const limitsOf = (limits: z.output<typeof NewKey>['limits']): GivenLimits => ({
  creditLimit: limits?.credits,
  maxConcurrency: limits?.concurrency,
  submitsPerSecond: limits?.submitsPerSecond,
  maxUnfinished: limits?.maxUnfinished,
});

/**
 * The key `default` owns what programmatic clients start, and the next start would make another one.
 * @throws ProblemError `invalid_request`
 */
async function assertMayBeRenamed(database: Database, id: string, name: string): Promise<void> {
  if (name === DEFAULT_KEY_NAME) return;
  const record = await findKeyRecord(database, { id });
  if (record?.name !== DEFAULT_KEY_NAME) return;
  const message = `cannot be changed: the key "${DEFAULT_KEY_NAME}" is found by its name`;
  throw invalid([{ path: 'name', message }]);
}

const noSuchKey = (): ProblemError => new ProblemError('not_found', 'There is no such key.');
const nameTaken = (): ProblemError =>
  new ProblemError('key_name_taken', 'There is a key with this name already; a revoked key keeps its name, too.', {
    details: [{ path: 'name', message: 'is taken' }],
  });

function refused(refusal: KeyRefusal): ProblemError {
  switch (refusal) {
    case 'unknown':
      return noSuchKey();
    case 'name-taken':
      return nameTaken();
    case 'revoked':
      return new ProblemError('key_revoked', 'The key has been revoked; nothing of it can be changed any more.');
    case 'in-use':
      return new ProblemError('key_in_use', 'The request was sent with this very key; use another admin key for that.');
    case 'last-admin':
      return new ProblemError('last_admin_key', 'It is the only admin key; make another one first.');
    case 'no-admin':
      return new ProblemError('admin_key_required', 'The key of the request has been revoked or demoted meanwhile.');
  }
}
