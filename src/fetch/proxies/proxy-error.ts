/** How far a connection through a proxy came. */
export type ProxyStage =
  /** TCP or TLS to the proxy itself failed. */
  | 'connect'
  /** The proxy does not accept our credentials, or wants some. */
  | 'auth'
  /** The proxy will not or cannot connect to the target, or is silent once asked to. */
  | 'tunnel'
  /** The proxy does not speak the protocol, or stops midway. */
  | 'handshake';

/** The stable code of each stage, as it stands in an outcome. */
const codes = {
  connect: 'PROXY_UNREACHABLE',
  auth: 'PROXY_AUTH_FAILED',
  tunnel: 'PROXY_REFUSED',
  handshake: 'PROXY_PROTOCOL',
} as const satisfies Record<ProxyStage, string>;

export type ProxyErrorCode = (typeof codes)[ProxyStage];

export interface ProxyErrorOptions extends ErrorOptions {
  /** Status with which an HTTP proxy refused. */
  readonly statusCode?: number;
}

/** A connection through a proxy failed. Neither the message nor the cause holds credentials. */
export class ProxyError extends Error {
  readonly proxyId: string;
  readonly stage: ProxyStage;
  readonly code: ProxyErrorCode;
  readonly statusCode: number | undefined;

  constructor(proxyId: string, stage: ProxyStage, what: string, options: ProxyErrorOptions = {}) {
    super(`proxy ${proxyId} ${what}`, options);
    this.name = 'ProxyError';
    this.proxyId = proxyId;
    this.stage = stage;
    this.code = codes[stage];
    this.statusCode = options.statusCode;
  }
}
