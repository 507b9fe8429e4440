/** The body of a call. A small one is in memory; a large one is read anew for each pass. */
export type Payload =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | {
      readonly kind: 'stream';
      readonly parts: () => AsyncIterable<Buffer>;
      /** Gives the place among the streams back; must be called when the call is over. */
      readonly release: () => void;
    };
