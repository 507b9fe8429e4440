import { createHash } from 'node:crypto';
import type { Queryable } from './database';

export interface IdempotentRequest {
  readonly apiKeyId: string;
  readonly key: string;
  readonly requestHash: Buffer;
}

export type IdempotencyClaim =
  /** This request is the first; its rows belong in the same transaction. */
  | { readonly kind: 'new' }
  | { readonly kind: 'replay'; readonly answerId: string }
  | { readonly kind: 'conflict' }
  /** The first request has not been answered yet. */
  | { readonly kind: 'in-flight' };

/**
 * Claims an `Idempotency-Key` for the job or batch `answerId`, which the caller writes in the same transaction.
 * The advisory lock tells a request in flight from one that has been answered without waiting for it.
 */
export async function claimIdempotencyKey(
  tx: Queryable,
  request: IdempotentRequest,
  answerId: string,
): Promise<IdempotencyClaim> {
  const lock = createHash('sha256').update(`${request.apiKeyId}\n${request.key}`).digest().readBigInt64BE(0).toString();
  const [locked] = await tx.query<{ is_free: boolean }>('select pg_try_advisory_xact_lock($1) as is_free', [lock]);
  if (locked?.is_free !== true) return { kind: 'in-flight' };
  const [known] = await tx.query<{ request_hash: Buffer; answer_id: string }>(
    `select request_hash, answer_id from idempotency_keys where api_key_id = $1 and key = $2 and created_at > now() - interval '24 hours'`,
    [request.apiKeyId, request.key],
  );
  if (known !== undefined)
    return known.request_hash.equals(request.requestHash)
      ? { kind: 'replay', answerId: known.answer_id }
      : { kind: 'conflict' };
  await tx.query(
    `insert into idempotency_keys (api_key_id, key, request_hash, answer_id) values ($1, $2, $3, $4)
     on conflict (api_key_id, key) do update set request_hash = excluded.request_hash, answer_id = excluded.answer_id, created_at = now()`,
    [request.apiKeyId, request.key, request.requestHash, answerId],
  );
  return { kind: 'new' };
}
