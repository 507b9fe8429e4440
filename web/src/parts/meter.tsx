export interface MeterProps {
  readonly value: number;
  readonly max: number;
  /** Says the same in words. */
  readonly text: string;
}

/** How much of something is in use. */
export const Meter = ({ value, max, text }: MeterProps) => (
  <span class="meter">
    <span class="meter-track" aria-hidden="true">
      <span class="meter-fill" style={{ width: `${max <= 0 ? 0 : Math.min(100, (value / max) * 100)}%` }} />
    </span>
    <span class="meter-text">{text}</span>
  </span>
);
