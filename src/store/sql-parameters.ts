/** Adds a parameter to a statement and returns its name in the SQL (`$n`). */
export type AddParameter = (value: unknown) => string;

export function parameters(): { readonly values: unknown[]; readonly add: AddParameter } {
  const values: unknown[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}
