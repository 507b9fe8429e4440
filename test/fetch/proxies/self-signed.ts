import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';

const read = (name: string) => readFileSync(join(__dirname, '..', '..', 'support', 'tls', name));

/** For `localhost` and 127.0.0.1; nobody vouches for it. */
export const selfSigned = { key: read('self-signed.key'), cert: read('self-signed.crt') };

/** From now on in this test, connections accept it as if its issuer were well known; names are checked as ever. */
export function trustSelfSigned(): void {
  const create = tls.createSecureContext;
  jest.spyOn(tls, 'createSecureContext').mockImplementation((options) => create({ ...options, ca: selfSigned.cert }));
}

afterEach(() => {
  jest.restoreAllMocks();
});
