import { findApiKeyByName } from '../store/api-keys';
import type { Queryable } from '../store/database';
import { findWebhookSecrets, rotateWebhookSecret } from '../store/webhook-secrets';

/** What callbacks of a key are signed with, for people; undefined when there is no such key or it has been revoked. */
export async function webhookSecretNote(
  database: Queryable,
  name: string,
  { isRotation = false }: { readonly isRotation?: boolean } = {},
): Promise<string | undefined> {
  const key = await findApiKeyByName(database, name);
  if (key === undefined) return undefined;
  const secrets = await (isRotation ? rotateWebhookSecret : findWebhookSecrets)(database, key.id);
  if (secrets === undefined) return undefined;
  const until = secrets.previousValidUntil?.toISOString();
  return (
    `${secrets.current}\n\nCallbacks of the key ${JSON.stringify(name)} are signed with this (https://www.standardwebhooks.com).\n` +
    (until === undefined ? '' : `Until ${until} they are also signed with the secret before it.\n`)
  );
}
