/** Where on the page a step acts. */
export interface Selector {
  readonly type: 'css' | 'xpath' | 'text';
  readonly value: string;
}

/** One step for the browser. Times are in seconds, as existing clients send them. */
export type Instruction =
  | { readonly type: 'click'; readonly selector: Selector }
  | { readonly type: 'input'; readonly selector: Selector; readonly value: string }
  | { readonly type: 'scroll'; readonly direction: 'x' | 'y'; readonly value: number | 'bottom' | 'top' }
  | { readonly type: 'wait'; readonly value: number }
  | { readonly type: 'wait_for_selector'; readonly selector: Selector; readonly timeout?: number }
  | {
      readonly type: 'wait_for_event';
      readonly event: 'domcontentloaded' | 'load' | 'navigation' | 'networkidle' | 'stabilize';
    }
  | { readonly type: 'loop'; readonly for: number; readonly instructions: readonly Instruction[] };
