import type { KeyLimits } from '../../api/types';
import { TextField } from '../../parts/field';

/** The limits of a key as they are typed: texts, of which an empty one stands for the default. */
export type TypedLimits = Readonly<Record<keyof KeyLimits, string>>;

const fields = [
  { name: 'credits', label: 'Credits in all', least: 0, hint: 'Empty: no limit.' },
  { name: 'concurrency', label: 'Fetches at a time', least: 1, hint: 'Empty: no limit of its own.' },
  { name: 'submitsPerSecond', label: 'Submissions per second', least: 1, hint: 'Empty: the default.' },
  { name: 'maxUnfinished', label: 'URLs that have not ended', least: 1, hint: 'Empty: the default.' },
] as const satisfies readonly { readonly name: keyof KeyLimits; readonly [other: string]: unknown }[];

export function typedLimits(limits: KeyLimits = {}): TypedLimits {
  const textOf = (value: number | null | undefined): string => (value == null ? '' : String(value));
  return {
    credits: textOf(limits.credits),
    concurrency: textOf(limits.concurrency),
    submitsPerSecond: textOf(limits.submitsPerSecond),
    maxUnfinished: textOf(limits.maxUnfinished),
  };
}

/** What the API is to be told; null stands for the default. */
export const limitsOf = (typed: TypedLimits): KeyLimits =>
  Object.fromEntries(fields.map(({ name }) => [name, typed[name] === '' ? null : Number(typed[name])]));

const problemOf = (text: string, least: number): string | undefined =>
  text === '' || (/^\d+$/.test(text) && Number(text) >= least)
    ? undefined
    : `Must be a whole number, at least ${least}.`;

export const areLimitsRight = (typed: TypedLimits): boolean =>
  fields.every(({ name, least }) => problemOf(typed[name], least) === undefined);

export interface LimitFieldsProps {
  readonly limits: TypedLimits;
  readonly onChange: (limits: TypedLimits) => void;
}

export const LimitFields = ({ limits, onChange }: LimitFieldsProps) => (
  <div class="field-grid">
    {fields.map(({ name, label, least, hint }) => (
      <TextField
        key={name}
        label={label}
        type="number"
        min={least}
        value={limits[name]}
        hint={hint}
        error={problemOf(limits[name], least)}
        onInput={(text) => onChange({ ...limits, [name]: text.trim() })}
      />
    ))}
  </div>
);
