import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { networkCodeOf } from '../error-codes';
import { ForbiddenTargetError } from '../../net/guard';

/** Header that says why the guard refused a target. It is removed from the answers of targets. */
export const FORBIDDEN_HEADER = 'x-everfetch-forbidden';
/** Header with the stable code of a failed connection to a target. It is removed from the answers of targets, too. */
export const TROUBLE_HEADER = 'x-everfetch-trouble';

/** The egress proxy does not serve this request: it is malformed (400) or has no valid credentials (407). */
export class RefusedError extends Error {
  readonly statusCode: 400 | 407;

  constructor(statusCode: 400 | 407) {
    super(`the egress proxy answers ${statusCode}`);
    this.name = 'RefusedError';
    this.statusCode = statusCode;
  }
}

interface Refusal {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

export function answerRefusal(res: ServerResponse, error: unknown): void {
  const { statusCode, headers } = refusalOf(error);
  res.writeHead(statusCode, { ...headers, 'Content-Length': '0', Connection: 'close' }).end();
}

export function refuseTunnel(socket: Duplex, error: unknown): void {
  const { statusCode, headers } = refusalOf(error);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${statusCode} Refused\r\n${lines.join('')}Connection: close\r\nContent-Length: 0\r\n\r\n`;
  if (socket.writable) socket.end(head, () => socket.destroy());
  else socket.destroy();
}

/** Only refusals of the guard have 403, so that a client that sees nothing but the status recognises them. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof ForbiddenTargetError)
    return { statusCode: 403, headers: { [FORBIDDEN_HEADER]: error.reason.replace(/[^\x20-\x7e]/g, '?') } };
  if (error instanceof RefusedError) {
    const { statusCode } = error;
    return { statusCode, headers: statusCode === 407 ? { 'Proxy-Authenticate': 'Basic realm="everfetch"' } : {} };
  }
  return { statusCode: 502, headers: { [TROUBLE_HEADER]: networkCodeOf(error) ?? 'CONNECTION_CLOSED' } };
}
