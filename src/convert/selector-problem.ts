import type { checkSelector } from './selector';

/**
 * Tells what is wrong with the CSS selector of a success rule, as the end of a sentence; undefined when it can be used, or there is none.
 * The compiler of selectors takes 9 MB, so it is loaded with the first one.
 */
export function selectorProblem(selector: string | undefined): string | undefined {
  if (selector === undefined) return undefined;
  // `import()` would need the file's name after the build, which does not exist when tests run the sources.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const loaded = require('./selector') as { readonly checkSelector: typeof checkSelector };
  return loaded.checkSelector(selector);
}
