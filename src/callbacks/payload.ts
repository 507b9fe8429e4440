/** The body of a call: in memory where it is small, else read anew for each pass. */
export type Payload =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | {
      readonly kind: 'stream';
      readonly parts: () => AsyncIterable<Buffer>;
      /** To be called when the call is over. */
      readonly release: () => void;
    };
