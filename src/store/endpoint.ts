import { createHash } from 'node:crypto';

/** A receiver is one key's callbacks to one origin: its calls share a queue, a pace and a fate. */
export function endpointOf(
  apiKeyId: string,
  callbackUrl: string,
): { readonly endpointId: string; readonly origin: string } {
  const { origin } = new URL(callbackUrl);
  return { endpointId: createHash('sha256').update(`${apiKeyId}\n${origin}`).digest('hex').slice(0, 32), origin };
}
