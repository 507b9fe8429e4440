import type { KeyRecord } from '../jobs/key-object';
import type { Database, Queryable } from './database';
import { findKeyRecord, limitColumns } from './manage-api-keys';
import type { GivenLimits } from './manage-api-keys';
import { parameters } from './sql-parameters';

/** What is to be changed of a key. Undefined leaves it. */
export interface KeyChange extends GivenLimits {
  readonly name?: string | undefined;
  readonly isAdmin?: boolean | undefined;
}

/** Why a key stays as it is. */
export type KeyRefusal =
  | 'unknown'
  | 'revoked'
  | 'name-taken'
  /** It is the key that asks, which would shut itself out. */
  | 'in-use'
  /** It is the key that asks, and there is no other admin key. */
  | 'last-admin'
  /** The key that asks has been revoked or demoted meanwhile. */
  | 'no-admin';

export type KeyChanged = { readonly kind: 'done'; readonly key: KeyRecord } | { readonly kind: KeyRefusal };

interface Asked {
  /** Id of the key that is to be changed. */
  readonly id: string;
  /** Id of the admin key that asks. */
  readonly adminId: string;
}

/** Changes a key, all or nothing. */
export async function changeApiKey(
  db: Database,
  asked: Asked,
  { name, isAdmin, ...limits }: KeyChange,
): Promise<KeyChanged> {
  const { values, add } = parameters();
  const columns = [
    ...(name === undefined ? [] : [['name', add(name)]]),
    ...(isAdmin === undefined ? [] : [['is_admin', add(isAdmin)]]),
    ...limitColumns(limits, add),
  ].map((column) => column.join(' = '));
  try {
    return await db.transaction(async (tx) => {
      const refusal = await refusalOf(tx, asked, { isLoss: isAdmin === false });
      if (refusal !== undefined) return { kind: refusal };
      if (columns.length > 0)
        await tx.query(`update api_keys set ${columns.join(', ')} where id = ${add(asked.id)}`, values);
      return changed(tx, asked.id);
    });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    return { kind: 'name-taken' };
  }
}

/** SQLSTATE of a value that has to be unique and is there already. */
const UNIQUE_VIOLATION = '23505';

/** Revokes a key. Revoking it again changes nothing. What was submitted with it runs on. */
export function revokeKeyById(db: Database, asked: Asked): Promise<KeyChanged> {
  return db.transaction(async (tx) => {
    const refusal = await refusalOf(tx, asked, { isLoss: true });
    if (refusal !== undefined && refusal !== 'revoked') return { kind: refusal };
    if (refusal === undefined) await tx.query('update api_keys set revoked_at = now() where id = $1', [asked.id]);
    return changed(tx, asked.id);
  });
}

async function changed(tx: Queryable, id: string): Promise<KeyChanged> {
  const key = await findKeyRecord(tx, { id });
  return key === undefined ? { kind: 'unknown' } : { kind: 'done', key };
}

/**
 * Says why a key must not be changed. All admin keys are locked first, so that two of them that revoke each other at the same time do not
 * both succeed.
 * @param options.isLoss whether the key would no longer be a valid admin key
 */
async function refusalOf(
  tx: Queryable,
  { id, adminId }: Asked,
  { isLoss }: { readonly isLoss: boolean },
): Promise<KeyRefusal | undefined> {
  const admins = await tx.query<{ id: string }>(
    'select id from api_keys where is_admin and revoked_at is null order by id for no key update',
  );
  if (!admins.some((admin) => admin.id === adminId)) return 'no-admin';
  const [target] = await tx.query<{ revoked_at: Date | null }>(
    'select revoked_at from api_keys where id = $1 for no key update',
    [id],
  );
  if (target === undefined) return 'unknown';
  if (target.revoked_at !== null) return 'revoked';
  if (!isLoss || id !== adminId) return undefined;
  return admins.length === 1 ? 'last-admin' : 'in-use';
}
