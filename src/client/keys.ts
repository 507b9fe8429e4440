import type { ApiKeyObject, KeyLimits, NewApiKey } from './installation';
import type { CallOptions } from './requests';
import type { Transport } from './transport';

export interface KeyFields {
  readonly name: string;
  readonly isAdmin?: boolean | undefined;
  readonly limits?: KeyLimits | undefined;
}

/** Manages the API keys of the installation, with an admin key. */
export class Keys {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list({ signal }: CallOptions = {}): Promise<readonly ApiKeyObject[]> {
    const page = await this.#transport.json<{ readonly items: readonly ApiKeyObject[] }>({
      method: 'GET',
      path: '/keys',
      signal,
    });
    return page.items;
  }

  /** The answer has the key itself, which nobody can read again. */
  create(fields: KeyFields, { signal }: CallOptions = {}): Promise<NewApiKey> {
    return this.#transport.json({ method: 'POST', path: '/keys', body: JSON.stringify(fields), signal });
  }

  update(id: string, change: Partial<KeyFields>, { signal }: CallOptions = {}): Promise<ApiKeyObject> {
    const path = `/keys/${encodeURIComponent(id)}`;
    return this.#transport.json({ method: 'PATCH', path, body: JSON.stringify(change), signal });
  }

  /** The key does not work any more; what it submitted goes on. */
  async revoke(id: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#transport.json({ method: 'DELETE', path: `/keys/${encodeURIComponent(id)}`, signal });
  }
}
