/** Thrown when a body is not in the coding that its header names, or there is no decoder for that coding. */
export class BadContentEncodingError extends Error {
  readonly contentEncoding: string;

  constructor(contentEncoding = '', options?: ErrorOptions) {
    super(`body cannot be decoded as content-encoding ${JSON.stringify(contentEncoding.slice(0, 100))}`, options);
    this.name = 'BadContentEncodingError';
    this.contentEncoding = contentEncoding;
  }
}

/** Thrown when a body is larger than the limit, as received or decoded. */
export class BodyTooLargeError extends Error {
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`body is larger than ${limitBytes} bytes`);
    this.name = 'BodyTooLargeError';
    this.limitBytes = limitBytes;
  }
}
