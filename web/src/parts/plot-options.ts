import UPlot from 'uplot';
import { clock } from '../format/times';
import { shortCount } from '../format/numbers';

/** The colours of a plot are those of the same things elsewhere: custom properties `--plot-…` of the stylesheet. */
export type PlotTone = 'finished' | 'failed' | 'cancelled' | 'running' | 'queued' | 'credits';

export interface PlotSeries {
  readonly name: string;
  readonly tone: PlotTone;
  /** One for each time. */
  readonly values: readonly number[];
}

export interface PlotFrame {
  readonly element: HTMLElement;
  readonly series: readonly PlotSeries[];
  readonly width: number;
  readonly height: number;
}

const AXIS_FONT = '11px system-ui, sans-serif';
const LARGEST_BAR_PX = 18;
const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

/** Options of uPlot for stacked bars over time, in the colours of the page. */
export function plotOptions({ element, series, width, height }: PlotFrame): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--text-muted'),
    font: AXIS_FONT,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const bars = UPlot.paths.bars?.({ size: [0.8, LARGEST_BAR_PX] });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 4, 0, 0],
    scales: { x: { time: true, range: withRoom }, y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 4)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, values: (_plot, splits) => splits.map(timeLabel(splits)) },
      {
        ...axis,
        size: 44,
        values: (_plot, splits) => splits.map((value) => (Number.isInteger(value) ? shortCount(value) : '')),
      },
    ],
    series: [
      {},
      ...[...series].reverse().map(({ name, tone }) => ({
        label: name,
        fill: colour(`--plot-${tone}`),
        width: 0,
        points: { show: false },
        ...(bars !== undefined && { paths: bars }),
      })),
    ],
  };
}

/** Room for half a bar at each end. */
function withRoom({ data }: UPlot, min: number, max: number): [number, number] {
  const places = data[0].length;
  const half = places > 1 ? (max - min) / (places - 1) / 2 : MINUTE_SECONDS / 2;
  return [min - half, max + half];
}

/** The time of day, or the day where the axis spans several. */
const timeLabel =
  (splits: readonly number[]) =>
  (seconds: number): string => {
    const span = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
    if (span <= 2 * DAY_SECONDS) return clock(seconds * 1_000);
    return new Date(seconds * 1_000).toLocaleDateString('en', { month: 'short', day: 'numeric' });
  };
