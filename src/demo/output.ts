/** Where the demo writes to: `process.stdout` fits. */
export interface DemoOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Paint = Readonly<Record<'good' | 'bad' | 'strong' | 'faint', (text: string) => string>>;

/** Colours on a terminal; plain text in pipes and where NO_COLOR is set (https://no-color.org). */
export function createPaint(output: DemoOutput, env: Readonly<Record<string, string | undefined>>): Paint {
  const isColoured = output.isTTY === true && (env.NO_COLOR ?? '') === '';
  const paint = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { good: paint(32), bad: paint(31), strong: paint(1), faint: paint(2) };
}
