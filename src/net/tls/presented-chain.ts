import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { DetailedPeerCertificate } from 'node:tls';
import { handshake, tlsOptionsOf } from './start-tls';
import type { StartTlsOptions } from './start-tls';

/** No chain that can be verified is longer: OpenSSL's own limit is 100, that of authorities in use 5. */
const MAX_SENT = 10;

/**
 * The certificates that a server sends, its own first, unverified. The connection only looks: nothing is sent over it,
 * it is closed at once, and no session of it is kept. Node closes the connection that failed before anybody can ask what was sent.
 */
export async function presentedChain(
  socket: Socket,
  options: Pick<StartTlsOptions, 'host' | 'secureContext' | 'timeoutMs'>,
): Promise<readonly X509Certificate[]> {
  const secured = connect({ ...tlsOptionsOf(socket, options), rejectUnauthorized: false });
  try {
    await handshake(secured, socket, options);
    return chainOf(secured.getPeerCertificate(true));
  } finally {
    secured.destroy();
    socket.destroy();
  }
}

/** Follows the issuers as far as they were sent. A self-signed certificate names itself as its issuer, which ends the chain. */
function chainOf(own: Partial<DetailedPeerCertificate>): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: Partial<DetailedPeerCertificate> | undefined = own;
  while (next?.raw !== undefined && chain.length < MAX_SENT) {
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}
