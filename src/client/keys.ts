import type { ChangeKeyBody, CreateKeyBody, CreatedKey, Key } from './api-types';
import { Calls } from './calls';
import { seg } from './paths';
import type { CallOptions } from './requests';

/** Manages the API keys of the installation, with an admin key. */
export class Keys extends Calls {
  /** Oldest first, the revoked ones too. */
  async list(options?: CallOptions): Promise<readonly Key[]> {
    const keys: Key[] = [];
    for await (const key of this.listed<Key>('/keys', options)) keys.push(key);
    return keys;
  }

  /** The answer has the key itself, which nobody can read again. */
  create(fields: CreateKeyBody, options?: CallOptions): Promise<CreatedKey> {
    return this.call('POST', '/keys', options, fields);
  }

  /** A limit of null goes back to its default. */
  update(id: string, change: ChangeKeyBody, options?: CallOptions): Promise<Key> {
    return this.call('PATCH', `/keys/${seg(id)}`, options, change);
  }

  /** The key does not work any more; what it submitted goes on. */
  revoke(id: string, options?: CallOptions): Promise<Key> {
    return this.call('DELETE', `/keys/${seg(id)}`, options);
  }
}
