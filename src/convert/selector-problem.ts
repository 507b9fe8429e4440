import type { checkSelector } from './selector';

/**
 * What is wrong with the CSS selector of a success rule, as the end of a sentence; undefined when it can be used, or there is none.
 * What compiles selectors takes 9 MB, so it is loaded with the first one.
 */
export function selectorProblem(selector: string | undefined): string | undefined {
  if (selector === undefined) return undefined;
  // `import()` of a file of ours would need its name after the build, which is not there when tests run the sources.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const loaded = require('./selector') as { readonly checkSelector: typeof checkSelector };
  return loaded.checkSelector(selector);
}
