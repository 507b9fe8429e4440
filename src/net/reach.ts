/** Whether a server can be used, and what to do if it cannot. */
export type Reach =
  | { readonly kind: 'ready' }
  /** It may still be starting. `why` is a phrase such as "nobody listens there". */
  | { readonly kind: 'waiting'; readonly why: string }
  /** It would answer the same however long one waits. `advice` says what to change, beginning with a verb. */
  | { readonly kind: 'refused'; readonly why: string; readonly advice: string };

export const READY: Reach = { kind: 'ready' };
