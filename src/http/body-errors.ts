/** A body is not in the coding that its header names, or in one that we cannot undo. */
export class BadContentEncodingError extends Error {
  constructor(contentEncoding: string, options?: ErrorOptions) {
    super(`body cannot be decoded as content-encoding ${JSON.stringify(contentEncoding.slice(0, 100))}`, options);
    this.name = 'BadContentEncodingError';
  }
}

/** A body is larger than the limit, as received or unpacked. */
export class BodyTooLargeError extends Error {
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`body is larger than ${limitBytes} bytes`);
    this.name = 'BodyTooLargeError';
    this.limitBytes = limitBytes;
  }
}
