import { CancelledJob, FailedJob, FinishedJob, ListedFinishedJob } from './job-object-schema';

/** Fields of a job object that can be asked for by name. */
export const resultFields: readonly string[] = [
  ...new Set([FinishedJob, ListedFinishedJob, FailedJob, CancelledJob].flatMap(({ shape }) => Object.keys(shape))),
];

/** Fields that a list in a query names, or the names that there are not. */
export function namedFields(text: string): {
  readonly fields: ReadonlySet<string>;
  readonly unknown: readonly string[];
} {
  const names = text.split(',').map((name) => name.trim());
  const known = (name: string): boolean => resultFields.includes(name) || name === 'cursor';
  return { fields: new Set(names.filter(known)), unknown: names.filter((name) => !known(name)) };
}

/** The fields of an object that were asked for. What stands in place of the response comes with it. */
export const pickFields = (
  object: Readonly<Record<string, unknown>>,
  fields: ReadonlySet<string>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(object).filter(([name]) => fields.has(name) || (name === 'error' && fields.has('response'))),
  );
