import type { ComponentChildren } from 'preact';
import type { PlotTone } from './plot-options';

export interface ShareRow {
  readonly id: string;
  readonly label: ComponentChildren;
  /** Lengths on top of each other. */
  readonly parts: readonly { readonly tone: PlotTone; readonly value: number }[];
  /** The number, in words. */
  readonly text: string;
}

/** Amounts as bars below each other, as long as their share of the largest. */
export function ShareBars({ rows }: { readonly rows: readonly ShareRow[] }) {
  const totals = rows.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const largest = Math.max(1, ...totals);
  return (
    <ul class="share-bars">
      {rows.map(({ id, label, parts, text }) => (
        <li key={id}>
          <span class="share-label">{label}</span>
          <span class="share-track" aria-hidden="true">
            {parts.map(({ tone, value }) => (
              <span key={tone} class={`segment ${tone}`} style={{ width: `${(value / largest) * 100}%` }} />
            ))}
          </span>
          <span class="share-text">{text}</span>
        </li>
      ))}
    </ul>
  );
}
