/** Descriptions of the fields of a submission. A test keeps the names equal to those of the schemas. */
export const jobFieldNotes: Readonly<Record<string, string>> = {
  method: 'Method of the request to the target, in any case. Default GET.',
  headers: 'Headers for the target. They are sent when `keep_headers` is on; `content-type` always goes with a `body`.',
  body: 'Body of the request to the target, sent as it is.',
  callback: 'Where the job object is posted when the job has ended. `user:pass@` in the URL becomes HTTP Basic.',
  expectUnsuccessReport: 'Call back for failed and cancelled jobs as well. Default false.',
  timeoutSec: 'How long the job may keep trying, in seconds. Default 86400.',
  meta: 'Any JSON of at most 4 KiB; it comes back in every job object and callback.',
  successWhen:
    'What makes a page a success besides having come; a page that does not meet all of it is fetched again. `status` replaces the statuses that are final otherwise, `minBytes` counts the unpacked page.',
  apiParams: 'Parameters of the fetch. They may also stand beside the other fields; those in here win.',
};

/** Descriptions of the fields of a batch. */
export const batchFieldNotes: Readonly<Record<string, string>> = {
  fanOut:
    '`jobs` runs a workflow per URL, `sweep` one activity for hundreds of them. Null or absent: the size of the batch decides.',
  onDone: 'Called once, with the batch object, when all its URLs have ended. Calls about single jobs may come later.',
  name: 'A name for people, at most 200 characters.',
  tags: 'At most 20 texts of at most 64 characters: an array, or separated by commas.',
  maxCredits: 'What the batch may cost at most. It is paused before that would be exceeded.',
  maxPerHost: 'How many of its URLs of one host are fetched at the same time at most.',
  dedupe: 'Fetch and charge equal URLs with equal options once; each has the result. `meta` and `id` do not count.',
};

/** Descriptions of the fields of a line. */
export const lineFieldNotes: Readonly<Record<string, string>> = {
  url: 'The target.',
  id: 'An id of the caller, at most 200 characters. It comes back as `clientId` in every job object and callback.',
  meta: 'Any JSON of at most 4 KiB; it comes back in every job object and callback.',
  method: 'Method of the request to the target, in any case. Default GET.',
  headers: 'Headers for the target.',
  body: 'Body of the request to the target.',
  successWhen: 'What makes a page a success besides having come.',
  apiParams: 'Parameters of the fetch, over those of the batch.',
};

export const apiParamNotes: Readonly<Record<string, string>> = {
  keep_headers: 'Send the headers of the request instead of ours; ours fill what is missing.',
  follow_redirect: 'With false a 3xx answer is itself the result. Default true.',
  retry_404: 'Try again after a 404 or 410 instead of taking it as the result. Default false.',
  device_type: 'Which kind of browser the headers resemble. Default desktop.',
  binary_target: 'Give the page as base64 whatever its type says.',
  output_format: 'In which form the page is given. Default html; `json` goes with `autoparse`.',
  json_body:
    'How a page that is declared as JSON and valid stands in `response.body`: as the JSON value (`object`) or as text. Default: the setting `JSON_BODIES`, which is `object`; with `output_format` text or markdown, text.',
  autoparse: 'Give what the page declares about itself as JSON.',
  render: 'Load the page in a browser.',
  wait_for_selector: 'Wait until a CSS selector matches; implies `render`.',
  screenshot: 'Take a picture of the whole page; implies `render`.',
  instruction_set: 'Steps for the browser: a JSON array, or its text.',
  premium: 'Use the premium proxies. Not together with `ultra_premium`.',
  ultra_premium: 'Use the ultra premium proxies. Not together with `premium`.',
  country_code: 'A proxy in this country: ISO 3166 alpha-2, or `eu`; `uk` means `gb`.',
  session_number: 'Jobs with the same number use the same proxy and cookies.',
  max_cost: 'Refuse URLs that would cost more credits than this. Also spelled `maxCost`.',
};

/** Descriptions of the fields that select deliveries. */
export const deliveryFilterNotes: Readonly<Record<string, string>> = {
  job: 'Those that tell of this job.',
  batch: 'Those that tell of this batch or of one of its jobs.',
  endpoint: 'Those to this origin. A URL stands for its origin.',
  status: 'Those in this state, or in one of several.',
  since: 'Those made at this time or later.',
  until: 'Those made before this time.',
  limit: 'How many at most. Default 100.',
  cursor: '`nextCursor` of the page before.',
};

/** Descriptions of the fields that select failed URLs. */
export const retryFilterNotes: Readonly<Record<string, string>> = {
  failReason: 'Those that failed for this reason, or for one of several.',
  host: 'Those of this host.',
  statusCode: 'Those whose last answer had this status, or one of several; `none`: the last attempt had no answer.',
  dryRun: 'With true nothing is changed, and the answer says how many URLs are selected and what they would cost.',
  ifCount: 'Do nothing (`count_changed`) when another number of URLs is selected, as when a dry run was some time ago.',
};

/** Descriptions of the parameters of `GET /batches`. */
export const batchFilterNotes: Readonly<Record<string, string>> = {
  status: 'Those in this state.',
  tag: 'Those that have this tag.',
  since: 'Those made at this time or later.',
  until: 'Those made before this time.',
  q: 'Those whose name contains this text, in any case.',
  limit: 'How many at most. Default 100.',
  cursor: '`nextCursor` of the page before, with the same filters.',
};

/** Descriptions of the parameters of `GET /jobs`. */
export const jobFilterNotes: Readonly<Record<string, string>> = {
  status: 'Those in this state.',
  host: 'Those whose URL has this host name, without port; subdomains are others.',
  clientId: 'The URLs of batches whose line had this `id`.',
  failReason: 'Those that failed for this reason.',
  statusCode:
    'Those whose page has this status, or whose last answer had it if they failed; `none`: failed jobs whose last attempt had no answer.',
  since: 'Those made at this time or later.',
  until: 'Those made before this time.',
  q: 'Those whose URL contains this text, in any case.',
  tag: 'The URLs of batches that have this tag.',
  batch: 'The URLs of this batch.',
  limit: 'How many at most. Default 100.',
  cursor: '`nextCursor` of the page before, with the same filters.',
};

/** Descriptions of the parameters of `GET /batches/{id}/jobs`: all URLs of a batch were made together, so the times are of their ends. */
export const memberFilterNotes: Readonly<Record<string, string>> = {
  ...jobFilterNotes,
  since: 'Those that ended at this time or later.',
  until: 'Those that ended before this time.',
};

/** Descriptions of the parameters of `GET /webhooks/receivers`. */
export const receiverFilterNotes: Readonly<Record<string, string>> = {
  health: 'Those in this state.',
  limit: 'How many at most. Default 100.',
  cursor: '`nextCursor` of the page before, with the same filters.',
};

/** Descriptions of the parameters of `GET /account/usage`. */
export const usageRangeNotes: Readonly<Record<string, string>> = {
  since: 'Hours that end after this time. Default: a week before `until`.',
  until: 'Hours that begin before this time. Default: now.',
};

/** Descriptions of the fields of a key. */
export const keyFieldNotes: Readonly<Record<string, string>> = {
  name: '1 to 100 printable characters. No two keys have the same name.',
  isAdmin: 'Whether it sees and manages all keys. A new key does not, unless told.',
  limits: 'What is left out of a new key has its default.',
};

/** Descriptions of the limits of a key. */
export const keyLimitNotes: Readonly<Record<string, string>> = {
  credits: 'What it may spend in all. Null: no limit, which is the default.',
  concurrency: 'Its fetches in flight, of all workers together. Null: no limit of its own, which is the default.',
  submitsPerSecond: 'Submissions per second. Null: the default, 100.',
  maxUnfinished: 'URLs that have not ended. Null: the default, 250,000.',
};
