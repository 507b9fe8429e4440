/** Works as `TextDecoder` does: with `stream`, a character that a part cuts waits for the next part. */
export interface PartDecoder {
  decode(part: Buffer, options?: { readonly stream: boolean }): string;
}
