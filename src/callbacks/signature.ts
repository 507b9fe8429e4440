import { createHmac } from 'node:crypto';

/** The headers of one call (Standard Webhooks 1.0.0, https://www.standardwebhooks.com). */
export interface SignatureHeaders {
  /** Id of the delivery: the same on each of its calls, so that the receiver recognizes a repetition. */
  readonly 'webhook-id': string;
  /** Time of this call (seconds since the epoch). */
  readonly 'webhook-timestamp': string;
  /** One `v1,…` for each secret, separated by spaces. */
  readonly 'webhook-signature': string;
}

export interface SignOptions {
  readonly id: string;
  readonly at: Date;
  /** Secrets `whsec_…`; two while a rotation is under way. */
  readonly secrets: readonly string[];
}

/** Signs `id.timestamp.body` with HMAC-SHA256. The body may come in parts, so that a large one need not be in memory. */
export class CallSignature {
  readonly #id: string;
  readonly #timestamp: string;
  readonly #macs: readonly ReturnType<typeof createHmac>[];

  constructor({ id, at, secrets }: SignOptions) {
    this.#id = id;
    this.#timestamp = String(Math.floor(at.getTime() / 1_000));
    this.#macs = secrets.map((secret) => createHmac('sha256', keyOf(secret)).update(`${id}.${this.#timestamp}.`));
  }

  update(part: Buffer): void {
    for (const mac of this.#macs) mac.update(part);
  }

  /** Returns the headers; must be called once, after the whole body. */
  headers(): SignatureHeaders {
    return {
      'webhook-id': this.#id,
      'webhook-timestamp': this.#timestamp,
      'webhook-signature': this.#macs.map((mac) => `v1,${mac.digest('base64')}`).join(' '),
    };
  }
}

/** The secret is the base64 of the key behind a prefix. */
const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
