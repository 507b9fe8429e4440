/** Attributes by name. Names are in lower case; XML keeps them as written. */
export interface Attributes extends Iterable<readonly [name: string, value: string]> {
  get(name: string): string | undefined;
  has(name: string): boolean;
}

export interface PageHandler {
  onOpen(name: string, attributes: Attributes): void;
  /** Called exactly once for each `onOpen`, innermost first. */
  onClose(name: string): void;
  /** Entities are decoded. A run of text may come in several parts. */
  onText(text: string): void;
}
