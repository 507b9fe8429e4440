import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useStore } from '../data/store';
import { theme } from '../session/theme';
import { plotOptions } from './plot-options';
import type { PlotSeries } from './plot-options';
import { useColorScheme } from './use-color-scheme';

export interface PlotProps {
  /** What it shows in a sentence, for those who do not see it. */
  readonly summary: string;
  /** Places on the time axis (seconds since 1970), ascending. */
  readonly times: readonly number[];
  /** Drawn on top of each other: the first one lies at the bottom. */
  readonly series: readonly PlotSeries[];
  readonly height?: number;
}

/** Counts over time, as stacked bars. It has its height before it is drawn, so that nothing moves. */
export function Plot({ summary, times, series, height = 200 }: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const drawn = useRef<UPlot | undefined>(undefined);
  const scheme = `${useStore(theme)} ${useColorScheme()}`;
  const names = series.map(({ name, tone }) => `${name} ${tone}`).join();

  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const options = plotOptions({ element, series, height, width: element.clientWidth });
    const plot = new UPlot(options, stacked(times, series), element);
    drawn.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      drawn.current = undefined;
    };
  }, [names, height, scheme]); // other numbers are put into the plot that is there

  useEffect(() => drawn.current?.setData(stacked(times, series)), [times, series]);

  return (
    <figure class="plot">
      <div ref={frame} class="plot-frame" role="img" aria-label={summary} style={{ height: `${height}px` }} />
      <figcaption class="plot-legend" aria-hidden="true">
        {series.map(({ name, tone }) => (
          <span key={name}>
            <span class={`swatch ${tone}`} />
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** Sums of each series and all below it. The highest comes first, because later ones are drawn over it. */
function stacked(times: readonly number[], series: readonly PlotSeries[]): UPlot.AlignedData {
  const sums: number[][] = [];
  for (const { values } of series) {
    const below = sums.at(-1);
    sums.push(times.map((_, place) => (values[place] ?? 0) + (below?.[place] ?? 0)));
  }
  return [[...times], ...sums.reverse()];
}
