import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { networkCodeOf } from '../error-codes';
import { ForbiddenTargetError } from '../../net/guard';

/** Says that the guard refused, and why. Never comes from a target: it is taken out of what is forwarded. */
export const FORBIDDEN_HEADER = 'x-everfetch-forbidden';
/** The stable code of a connection to a target that was not made. Never comes from a target either. */
export const TROUBLE_HEADER = 'x-everfetch-trouble';

/** The client asks for what the egress proxy does not do. */
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

/** 403 is the guard's alone, so that a client which is told the status only can tell. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof ForbiddenTargetError)
    return { statusCode: 403, headers: { [FORBIDDEN_HEADER]: error.reason.replace(/[^\x20-\x7e]/g, '?') } };
  if (error instanceof RefusedError) {
    const { statusCode } = error;
    return { statusCode, headers: statusCode === 407 ? { 'Proxy-Authenticate': 'Basic realm="everfetch"' } : {} };
  }
  return { statusCode: 502, headers: { [TROUBLE_HEADER]: networkCodeOf(error) ?? 'CONNECTION_CLOSED' } };
}
