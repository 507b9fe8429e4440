/** How the text of a flag becomes the value of a field. */
export type FlagKind =
  | 'flag'
  /** `--no-…` of something that is on otherwise. */
  | 'off'
  | 'text'
  | 'integer'
  | 'number'
  | 'list'
  /** `name: value`, repeated. */
  | 'headers'
  /** JSON, or `@file` with JSON. */
  | 'json'
  /** A text, or `@file`. */
  | 'content';

export interface ApiOption {
  /** As commander takes it. */
  readonly flags: string;
  /** Name of the field of the API. */
  readonly field: string;
  readonly kind: FlagKind;
  readonly description: string;
  readonly choices?: readonly string[];
}

/** Parameters of a fetch, as ScraperAPI spells them. A test compares them with those of the API. */
export const fetchOptions: readonly ApiOption[] = [
  { flags: '--render', field: 'render', kind: 'flag', description: 'load the page in a browser' },
  {
    flags: '--wait-for-selector <css>',
    field: 'wait_for_selector',
    kind: 'text',
    description: 'with --render: until this is there',
  },
  { flags: '--screenshot', field: 'screenshot', kind: 'flag', description: 'with --render: a picture of the page' },
  {
    flags: '--instruction-set <json|@file>',
    field: 'instruction_set',
    kind: 'json',
    description: 'with --render: steps such as clicks',
  },
  {
    flags: '--output-format <format>',
    field: 'output_format',
    kind: 'text',
    description: 'what the page is made into',
    choices: ['html', 'text', 'markdown', 'json'],
  },
  { flags: '--autoparse', field: 'autoparse', kind: 'flag', description: 'the data that the page declares, as JSON' },
  {
    flags: '--device-type <type>',
    field: 'device_type',
    kind: 'text',
    description: 'whose headers are sent',
    choices: ['desktop', 'mobile'],
  },
  {
    flags: '--country-code <code>',
    field: 'country_code',
    kind: 'text',
    description: 'through a proxy of this country',
  },
  { flags: '--premium', field: 'premium', kind: 'flag', description: 'through premium proxies' },
  { flags: '--ultra-premium', field: 'ultra_premium', kind: 'flag', description: 'through the best proxies there are' },
  {
    flags: '--session-number <n>',
    field: 'session_number',
    kind: 'integer',
    description: 'requests with the same number share cookies and proxy',
  },
  {
    flags: '--keep-headers',
    field: 'keep_headers',
    kind: 'flag',
    description: 'send given headers to the target; --header does that, too',
  },
  { flags: '--no-follow-redirect', field: 'follow_redirect', kind: 'off', description: 'take a redirect as the page' },
  { flags: '--retry-404', field: 'retry_404', kind: 'flag', description: 'try again when the answer is 404' },
  { flags: '--binary-target', field: 'binary_target', kind: 'flag', description: 'the page is not text' },
  {
    flags: '--json-body <form>',
    field: 'json_body',
    kind: 'text',
    description: 'how a JSON page stands in the result',
    choices: ['text', 'object'],
  },
  { flags: '--max-cost <credits>', field: 'max_cost', kind: 'number', description: 'refuse URLs that cost more' },
];

/** Options of a job that an upload of lines takes for all its URLs. */
export const commonOptions: readonly ApiOption[] = [
  { flags: '--timeout-sec <seconds>', field: 'timeoutSec', kind: 'integer', description: 'how long to try at most' },
  { flags: '--callback <url>', field: 'callback', kind: 'text', description: 'call this URL with each result' },
  {
    flags: '--expect-unsuccess-report',
    field: 'expectUnsuccessReport',
    kind: 'flag',
    description: 'call it for failed and cancelled URLs, too',
  },
];

/** Options of a request, which lines have each for itself; a flag is for lines that have none of their own. */
export const requestOptions: readonly ApiOption[] = [
  { flags: '--method <method>', field: 'method', kind: 'text', description: 'HTTP method of the requests' },
  {
    flags: '-H, --header <name:value>',
    field: 'headers',
    kind: 'headers',
    description: 'header of the requests (repeat it for more)',
  },
  { flags: '--body <text|@file>', field: 'body', kind: 'content', description: 'body of the requests' },
  { flags: '--meta <json>', field: 'meta', kind: 'json', description: 'JSON that comes back with each result' },
  {
    flags: '--success-when <json|@file>',
    field: 'successWhen',
    kind: 'json',
    description: 'what makes a page a success, like \'{"selector": ".price"}\'',
  },
];

/** Options of a batch. */
export const batchOptions: readonly ApiOption[] = [
  { flags: '--name <text>', field: 'name', kind: 'text', description: 'name of the batch' },
  { flags: '--tag <tag>', field: 'tags', kind: 'list', description: 'tag of the batch (repeat it for more)' },
  { flags: '--max-credits <n>', field: 'maxCredits', kind: 'integer', description: 'pause before it costs more' },
  { flags: '--max-per-host <n>', field: 'maxPerHost', kind: 'integer', description: 'fetches of a host at a time' },
  { flags: '--dedupe', field: 'dedupe', kind: 'flag', description: 'fetch equal URLs once' },
  { flags: '--on-done <url>', field: 'onDone', kind: 'text', description: 'call this URL at the end of the batch' },
  {
    flags: '--fan-out <how>',
    field: 'fanOut',
    kind: 'text',
    description: 'a workflow per URL, or sweeps',
    choices: ['jobs', 'sweep'],
  },
];
