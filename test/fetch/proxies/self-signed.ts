import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';

const read = (name: string) => readFileSync(join(__dirname, '..', '..', 'support', 'tls', name));

/** Certificate for `localhost` and 127.0.0.1 that nobody vouches for. */
export const selfSigned = { key: read('self-signed.key'), cert: read('self-signed.crt') };

/** Makes connections of this test accept it from now on, as if its issuer were well known. Names are checked as ever. */
export function trustSelfSigned(): void {
  const create = tls.createSecureContext;
  jest.spyOn(tls, 'createSecureContext').mockImplementation((options) => create({ ...options, ca: selfSigned.cert }));
}

afterEach(() => {
  jest.restoreAllMocks();
});
