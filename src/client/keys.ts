import type { ChangeKeyBody, CreateKeyBody, CreatedKey, Key } from './api-types';
import { seg } from './calls';
import { listed } from './pages';
import type { CallOptions } from './requests';
import type { Transport } from './transport';

/** Manages the API keys of the installation, with an admin key. */
export class Keys {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Oldest first, the revoked ones too. */
  async list({ signal }: CallOptions = {}): Promise<readonly Key[]> {
    const keys: Key[] = [];
    for await (const key of listed<Key>(this.#transport, '/keys', { query: {}, signal })) keys.push(key);
    return keys;
  }

  /** The answer has the key itself, which nobody can read again. */
  create(fields: CreateKeyBody, { signal }: CallOptions = {}): Promise<CreatedKey> {
    return this.#transport.json({ method: 'POST', path: '/keys', body: JSON.stringify(fields), signal });
  }

  /** Of the limits, null means none. */
  update(id: string, change: ChangeKeyBody, { signal }: CallOptions = {}): Promise<Key> {
    return this.#transport.json({ method: 'PATCH', path: `/keys/${seg(id)}`, body: JSON.stringify(change), signal });
  }

  /** The key does not work any more; what it submitted goes on. */
  revoke(id: string, { signal }: CallOptions = {}): Promise<Key> {
    return this.#transport.json({ method: 'DELETE', path: `/keys/${seg(id)}`, signal });
  }
}
