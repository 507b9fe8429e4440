import { parseUrl } from '../../net/parse-url';
import { RefusedError } from './refusal';

/** Where a client of the egress proxy wants to go. */
export interface EgressTarget {
  /** For the guard; its host is what is dialled, so that nobody reads it in another way. */
  readonly url: URL;
  /** A name or an IP literal without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `host:port` of a CONNECT (RFC 9112 §3.2.3). Throws a {@link RefusedError}. */
export function targetOfAuthority(authority: string): EgressTarget {
  if (!/^(\[[0-9a-f:.]+\]|[^\s:@/?#\\[\]]+):\d{1,5}$/i.test(authority)) throw new RefusedError(400);
  return targetOf(parseUrl(`https://${authority}`));
}

/** The absolute URL of a plain request (RFC 9112 §3.2.2). Throws a {@link RefusedError}. */
export function targetOfUrl(text: string): EgressTarget {
  if (!/^http:\/\/[^/?#]/i.test(text)) throw new RefusedError(400);
  return targetOf(parseUrl(text));
}

/** Names a host and port the same way however they were written. */
export function authorityOf({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port === '' ? defaultPortOf(protocol) : port}`;
}

function targetOf(url: URL | undefined): EgressTarget {
  const port = Number(url?.port === '' ? defaultPortOf(url.protocol) : url?.port);
  if (url === undefined || port === 0 || url.username !== '' || url.password !== '') throw new RefusedError(400);
  return { url, host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

function defaultPortOf(protocol: string): number {
  return protocol === 'http:' || protocol === 'ws:' ? 80 : 443;
}
