/** Values that `lenientBoolean` takes for true. Parameters from Temporal clients arrive here before they are validated. */
const TRUE: ReadonlySet<unknown> = new Set([true, 1, 'true', '1', 'yes', 'on']);

const NO_STEPS: ReadonlySet<unknown> = new Set([undefined, null, false, '']);

/** Parameters of a fetch that matter here, validated or not. */
export interface BrowserParams {
  readonly render?: unknown;
  readonly screenshot?: unknown;
  readonly wait_for_selector?: unknown;
  readonly instruction_set?: unknown;
}

/**
 * Whether a browser has to load the page. A selector to wait for, a screenshot and steps imply `render`. The function is pure,
 * because workflows call it too.
 */
export function needsBrowser(params: BrowserParams): boolean {
  return (
    isTrue(params.render) ||
    isTrue(params.screenshot) ||
    (params.wait_for_selector ?? '') !== '' ||
    !NO_STEPS.has(params.instruction_set)
  );
}

/**
 * Whether the request of a Temporal client needs a browser. A parameter inside `apiParams` overrides the one beside it, unless it is empty.
 */
export function asksForBrowser({ apiParams, ...beside }: BrowserParams & { readonly apiParams?: unknown }): boolean {
  const inside = typeof apiParams === 'object' && apiParams !== null ? Object.entries(apiParams) : [];
  const given = inside.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return needsBrowser({ ...beside, ...(Object.fromEntries(given) as BrowserParams) });
}

const isTrue = (value: unknown): boolean => TRUE.has(typeof value === 'string' ? value.toLowerCase() : value);
