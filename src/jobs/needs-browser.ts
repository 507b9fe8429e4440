/** What `lenientBoolean` takes for true; programmatic clients send parameters before anything has checked them. */
const TRUE: ReadonlySet<unknown> = new Set([true, 1, 'true', '1', 'yes', 'on']);

const NO_STEPS: ReadonlySet<unknown> = new Set([undefined, null, false, '']);

/** Parameters of a fetch, checked or not. */
export interface BrowserParams {
  readonly render?: unknown;
  readonly screenshot?: unknown;
  readonly wait_for_selector?: unknown;
  readonly instruction_set?: unknown;
}

/** A selector to wait for, a screenshot and steps are work for a browser, so they imply `render`. Pure: workflows ask it too. */
export function needsBrowser(params: BrowserParams): boolean {
  return (
    isTrue(params.render) ||
    isTrue(params.screenshot) ||
    (params.wait_for_selector ?? '') !== '' ||
    !NO_STEPS.has(params.instruction_set)
  );
}

/**
 * The same for a request as a programmatic client sends it: what stands in `apiParams` counts more than what stands beside it, unless it
 * is empty.
 */
export function asksForBrowser({ apiParams, ...beside }: BrowserParams & { readonly apiParams?: unknown }): boolean {
  const inside = typeof apiParams === 'object' && apiParams !== null ? Object.entries(apiParams) : [];
  const given = inside.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return needsBrowser({ ...beside, ...(Object.fromEntries(given) as BrowserParams) });
}

const isTrue = (value: unknown): boolean => TRUE.has(typeof value === 'string' ? value.toLowerCase() : value);
