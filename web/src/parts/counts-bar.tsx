import { count, percent } from '../format/numbers';
import type { BatchCounts } from '../api/types';

const parts = ['finished', 'failed', 'cancelled', 'running', 'queued'] as const;

/** How far a batch is, as one bar. Its text says the same to readers of screens. */
export function CountsBar({ counts }: { readonly counts: BatchCounts }) {
  const present = parts.filter((part) => counts[part] > 0);
  const text = present.map((part) => `${count(counts[part])} ${part}`).join(', ');
  return (
    <div class="counts-bar" role="img" aria-label={`${text} of ${count(counts.total)}`}>
      {present.map((part) => (
        <span
          key={part}
          class={`segment ${part}`}
          style={{ flexGrow: String(counts[part] / counts.total) }}
          title={`${count(counts[part])} ${part} (${percent(counts[part], counts.total)})`}
        />
      ))}
    </div>
  );
}

/** The numbers of the bar, each with the colour that it has there. */
export const CountsLegend = ({ counts }: { readonly counts: BatchCounts }) => (
  <dl class="legend">
    {parts.map((part) => (
      <div key={part} class={counts[part] === 0 ? 'zero' : undefined}>
        <dt>
          <span class={`swatch ${part}`} />
          {part}
        </dt>
        <dd>{count(counts[part])}</dd>
      </div>
    ))}
  </dl>
);
