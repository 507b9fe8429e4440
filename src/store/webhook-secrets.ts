import { randomBytes } from 'node:crypto';
import type { Queryable } from './database';

/** Secrets that sign the callbacks of a key: `whsec_…` (https://www.standardwebhooks.com). */
export interface WebhookSecrets {
  readonly current: string;
  /** Set only while it is still valid. */
  readonly previous?: string;
  readonly previousValidUntil?: Date;
}

interface Row {
  webhook_secret: string;
  previous_webhook_secret: string | null;
  previous_webhook_secret_until: Date | null;
}

/** Finds the secrets of a key; undefined when there is no such key. */
export async function findWebhookSecrets(db: Queryable, apiKeyId: string): Promise<WebhookSecrets | undefined> {
  const [row] = await db.query<Row>(
    `select webhook_secret, previous.* from api_keys left join lateral (
       select previous_webhook_secret, previous_webhook_secret_until where previous_webhook_secret_until > now()) previous on true
     where id = $1`,
    [apiKeyId],
  );
  return row && secretsOf(row);
}

/**
 * Makes a new secret. The one before it stays valid for 24 hours, and the one before that becomes invalid. Of two rotations at
 * once, the second waits for the first and replaces its secret, so both callers have got a valid one.
 */
export async function rotateWebhookSecret(db: Queryable, apiKeyId: string): Promise<WebhookSecrets | undefined> {
  const [row] = await db.query<Row>(
    `update api_keys set webhook_secret = $2, previous_webhook_secret = webhook_secret,
       previous_webhook_secret_until = now() + interval '24 hours'
     where id = $1 returning webhook_secret, previous_webhook_secret, previous_webhook_secret_until`,
    [apiKeyId, `whsec_${randomBytes(32).toString('base64')}`],
  );
  return row && secretsOf(row);
}

const secretsOf = (row: Row): WebhookSecrets => ({
  current: row.webhook_secret,
  ...(row.previous_webhook_secret !== null && { previous: row.previous_webhook_secret }),
  ...(row.previous_webhook_secret_until !== null && { previousValidUntil: row.previous_webhook_secret_until }),
});
