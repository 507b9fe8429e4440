import type { SuccessRule } from '../jobs/success-rule';

/** A page as it came, with its content-encoding. */
export interface CodedPage {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly finalUrl: string;
  /** Limit for the unpacked body, and for what is made of it. */
  readonly maxBytes: number;
}

/** What a page is made into: `json` is what it declares about itself. */
export type PageFormat = 'text' | 'markdown' | 'json';

/** What the threads are asked to do. */
export type ThreadTask =
  | {
      readonly kind: 'convert';
      readonly page: CodedPage;
      readonly format: PageFormat;
      readonly isBinaryTarget: boolean;
    }
  | { readonly kind: 'check'; readonly page: CodedPage; readonly rule: SuccessRule };

export type ThreadAnswer =
  | { readonly kind: 'converted'; readonly contentType: string; readonly body: Uint8Array<ArrayBuffer> }
  /** The page cannot be made into that and stays what it is. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'checked'; readonly failedRule: string | undefined };
