type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 500);

/** The value at a path such as `9.cursor`. */
export const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, name) => (at as Fields | undefined)?.[name], value);

/** The value with all `${variables}` filled in, but for `${i}`. */
export function filled(value: unknown, variables: Fields): unknown {
  if (typeof value === 'string') {
    const [, only] = /^\$\{(\w+)\}$/.exec(value) ?? [];
    if (only !== undefined && only !== 'i') return variables[only];
    return value.replace(/\$\{(\w+)\}/g, (text, name: string) => (name === 'i' ? text : String(variables[name])));
  }
  if (Array.isArray(value)) return value.map((each) => filled(each, variables));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, variables)]));
}

const numbered = (value: unknown, number: number): unknown => filledNumber(value, String(number));

function filledNumber(value: unknown, number: string): unknown {
  if (typeof value === 'string') return value.replaceAll('${i}', number);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filledNumber(each, number)]));
}

/** `{"$lines": …}` and `{"$range": …}` as the lists that they stand for. */
export function expanded(value: unknown): unknown {
  const { $lines, $range } = isObject(value) ? value : {};
  const { count, ...rest } = ($lines ?? $range ?? {}) as { readonly count?: number };
  if (count === undefined) return value;
  const items = Array.from({ length: count }, (_, index) => numbered(rest, index + 1) as Fields);
  return $range === undefined ? items : items.map((item) => item['text'] ?? item['value']);
}

/** What is wrong with a value; undefined when it is as expected. */
export function mismatch(actual: unknown, expectation: unknown, path = 'result'): string | undefined {
  const expected = expanded(expectation);
  const wrong = (): string => `${path} is ${shown(actual)}, expected ${shown(expected)}`;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return wrong();
    return first(expected.map((each, index) => mismatch(actual[index], each, `${path}.${index}`)));
  }
  if (!isObject(expected)) return actual === expected ? undefined : wrong();
  const [condition = ''] = Object.keys(expected);
  if (condition.startsWith('$')) return holds(condition, actual, expected[condition]) ? undefined : wrong();
  if (typeof actual !== 'object' || actual === null) return wrong();
  return first(
    Object.entries(expected).map(([name, each]) => mismatch((actual as Fields)[name], each, `${path}.${name}`)),
  );
}

const first = (problems: readonly (string | undefined)[]): string | undefined =>
  problems.find((problem) => problem !== undefined);

function holds(condition: string, actual: unknown, operand: unknown): boolean {
  switch (condition) {
    case '$type':
      return (Array.isArray(actual) ? 'array' : typeof actual) === operand && actual !== null;
    case '$contains':
      return typeof actual === 'string' && actual.includes(String(operand));
    case '$min':
      return typeof actual === 'number' && actual >= Number(operand);
    case '$size':
      return Array.isArray(actual) && actual.length === operand;
    case '$absent':
      return (actual === undefined || actual === null) === operand;
    case '$sameItems':
      return Array.isArray(actual) && mismatch(sorted(actual), sorted(expanded(operand) as unknown[])) === undefined;
    default:
      throw new Error(`there is no condition ${condition}`);
  }
}

const sorted = (items: readonly unknown[]): readonly unknown[] => [...items].sort();
