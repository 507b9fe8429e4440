/** As `TextDecoder`: with `stream`, what a part ends in the middle of waits for the next one. */
export interface PartDecoder {
  decode(part: Buffer, options?: { readonly stream: boolean }): string;
}
