import { configFields } from './config-fields';

export interface MisspeltSetting {
  readonly name: string;
  /** Setting whose name is most similar. */
  readonly meant: string;
}

/** Shortest name that is checked, because shorter ones are similar to too many others. */
const MIN_LENGTH = 6;

/** Names in the environment that are no settings, but differ from one in one letter, or from a long one in two. */
export function misspeltSettings(names: readonly string[]): readonly MisspeltSetting[] {
  const known = Object.keys(configFields);
  return names.flatMap((name) => {
    if (name.length < MIN_LENGTH || known.includes(name)) return [];
    const distances = known.map((setting) => ({ setting, distance: distanceOf(name.toUpperCase(), setting) }));
    const nearest = distances.reduce((best, each) => (each.distance < best.distance ? each : best));
    const bound = nearest.setting.length < 2 * MIN_LENGTH ? 1 : 2;
    return nearest.setting.length >= MIN_LENGTH && nearest.distance <= bound ? [{ name, meant: nearest.setting }] : [];
  });
}

/** Number of letters to add, remove or replace (Levenshtein). */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [place, wanted] of [...other].entries())
      next.push(
        Math.min((next[place] ?? 0) + 1, (row[place + 1] ?? 0) + 1, (row[place] ?? 0) + (letter === wanted ? 0 : 1)),
      );
    row = next;
  }
  return row[other.length] ?? 0;
}
