import { z } from 'zod';
import { missingFeaturesModes } from './contracts/features';
import { jsonBodies } from './contracts/json-body';
import { lenientBoolean } from './contracts/lenient';
import { originsOf } from './contracts/origins';

const port = z.coerce.number().int().min(1).max(65_535);
const accessKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be printable ASCII without spaces');
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

export interface ConfigField {
  readonly schema: z.ZodType;
  /** As it would be written in the environment; undefined when unset is a meaning of its own. */
  readonly default?: string;
  readonly group: string;
  readonly description: string;
}

/** Every setting, once: validation, `.env.example` and `docs/configuration.md` are made from this table. */
export const configFields = {
  HOST: {
    schema: z.string().min(1),
    default: '127.0.0.1',
    group: 'Service',
    description: 'Address the API listens on.',
  },
  PORT: { schema: port, default: '8080', group: 'Service', description: 'Port of the API.' },
  PUBLIC_URL: {
    schema: z.url({ protocol: /^https?$/ }),
    group: 'Service',
    description: 'What every `statusUrl` starts with. Unset: made from `HOST` and `PORT`.',
  },
  CORS_ORIGINS: {
    schema: z.string().transform((text, context) => {
      const origins = originsOf(text);
      if (origins !== undefined) return origins;
      context.addIssue({ code: 'custom', message: 'must be origins such as https://app.example, or *' });
      return z.NEVER;
    }),
    default: '',
    group: 'Service',
    description:
      'Origins whose scripts may call the API from a browser, separated by commas, such as `https://app.example`; `*` for all. A script has to know the API key, and so has everybody who can see the page. Empty: none.',
  },
  JSON_BODIES: {
    schema: z.enum(jsonBodies, { error: 'must be object or text' }),
    default: 'object',
    group: 'Service',
    description:
      'How pages that are declared as JSON stand in `response.body`: `object`, the JSON value itself, or `text`. `json_body` of a job counts more.',
  },
  MISSING_FEATURES: {
    schema: z.enum(missingFeaturesModes, { error: 'must be refuse or ignore' }),
    default: 'refuse',
    group: 'Service',
    description:
      'What becomes of a parameter that needs a browser or proxies that no worker has: `refuse` answers 400, `ignore` leaves the parameter out and names it in `X-Ignored-Parameters`, in the job object (`ignoredParams`) and in the log.',
  },
  DATA_DIR: {
    schema: z.string().min(1),
    default: './data',
    group: 'Service',
    description: 'Folder of pages and of the embedded databases.',
  },
  API_KEY: {
    schema: z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters without spaces'),
    group: 'Service',
    description: 'Use this key instead of generating one at the first start.',
  },
  LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    group: 'Service',
    description: 'Least severity that is logged: trace, debug, info, warn, error or silent.',
  },
  DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }),
    group: 'PostgreSQL and Temporal',
    description: 'PostgreSQL 15 or later. Unset: an embedded PostgreSQL is started.',
  },
  EMBEDDED_POSTGRES_PORT: {
    schema: port,
    default: '54329',
    group: 'PostgreSQL and Temporal',
    description: 'Port of the embedded PostgreSQL (loopback only).',
  },
  TEMPORAL_ADDRESS: {
    schema: z.string().regex(/^[^/\s]+:\d+$/, 'must look like host:port'),
    group: 'PostgreSQL and Temporal',
    description: 'Temporal frontend as `host:port`. Unset: an embedded Temporal dev server is started.',
  },
  TEMPORAL_NAMESPACE: {
    schema: z.string().min(1).max(255),
    default: 'default',
    group: 'PostgreSQL and Temporal',
    description: 'Temporal namespace of all workflows.',
  },
  EMBEDDED_TEMPORAL_PORT: {
    schema: port,
    default: '7233',
    group: 'PostgreSQL and Temporal',
    description: 'Port of the embedded Temporal server (loopback only).',
  },
  TEMPORAL_UI_PORT: {
    schema: port,
    default: '8233',
    group: 'PostgreSQL and Temporal',
    description: 'Port of the embedded Temporal Web UI (loopback only).',
  },
  S3_BUCKET: {
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/, 'must be the name of a bucket'),
    group: 'Pages in a bucket',
    description:
      'S3-compatible bucket for the pages, shared by all workers and APIs. It has to exist, better without versioning; its objects have to be readable, writable, deletable and listable. Unset: files below `DATA_DIR`.',
  },
  S3_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).refine((text) => !/^[^?#]*@|[?#]/.test(text), 'must be a plain address'),
    group: 'Pages in a bucket',
    description: 'Address of the S3 server, such as `https://s3.example.com`. Unset: AWS.',
  },
  S3_REGION: {
    schema: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the name of a region'),
    default: 'us-east-1',
    group: 'Pages in a bucket',
    description: 'Region of the bucket. Other servers than AWS often take any name.',
  },
  S3_PREFIX: {
    schema: z
      .string()
      .max(512)
      .transform((text) => text.replace(/^\/+|\/+$/g, ''))
      .refine(
        (text) => text === '' || /^(?!\.{1,2}(?:\/|$))[\w.!'()=-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.!'()=-]+)*$/.test(text),
        'must be names of letters, digits and ._-!=() with single slashes in between',
      ),
    group: 'Pages in a bucket',
    description: 'Comes before every key, for a bucket that holds other things too. Unset: nothing.',
  },
  S3_ACCESS_KEY_ID: {
    schema: accessKey,
    group: 'Pages in a bucket',
    description:
      'Access key, together with `S3_SECRET_ACCESS_KEY`. Unset: where the AWS SDK looks (environment, profile, role of the machine).',
  },
  S3_SECRET_ACCESS_KEY: {
    schema: accessKey,
    group: 'Pages in a bucket',
    description: 'Secret of `S3_ACCESS_KEY_ID`.',
  },
  S3_FORCE_PATH_STYLE: {
    schema: lenientBoolean,
    group: 'Pages in a bucket',
    description: '`host/bucket/key` instead of `bucket.host/key`. Unset: true when `S3_ENDPOINT` is set.',
  },
  ALLOW_PRIVATE_TARGETS: {
    schema: z.string(),
    default: '',
    group: 'Fetching',
    description:
      'Private targets the owner opens: CIDRs, addresses or host names, separated by commas. Empty: public addresses only.',
  },
  ATTEMPT_TIMEOUT_SEC: {
    schema: count(1, 80),
    default: '60',
    group: 'Fetching',
    description: 'Longest time of one attempt, redirects included (seconds).',
  },
  MAX_CONCURRENT_FETCHES: {
    schema: count(1, 4_096),
    default: '128',
    group: 'Fetching',
    description: 'Fetches in flight per worker.',
  },
  MAX_FETCHES_PER_HOST: {
    schema: count(1, 4_096),
    default: '16',
    group: 'Fetching',
    description: 'Fetches in flight per worker and target host.',
  },
  HOST_LIMITS: {
    schema: z.string().max(1_000_000),
    default: '',
    group: 'Fetching',
    description:
      'Limits of target hosts: entries such as `example.com=5/s` or `*.shop.example=30/m;concurrency=2`, separated by commas (see `docs/politeness.md`). A pace holds over all workers, `concurrency` for each. Empty: no pace, and `MAX_FETCHES_PER_HOST` at a time.',
  },
  RESPECT_ROBOTS_TXT: {
    schema: lenientBoolean,
    default: 'false',
    group: 'Fetching',
    description:
      'Fetch only what the robots.txt of a site allows, at the pace it asks for. A URL that it disallows fails at once.',
  },
  PROXIES: {
    schema: z.string().max(1_000_000),
    group: 'Ways out',
    description:
      'Proxies that targets are fetched through, separated by commas: `http://user:password@host:port tier=premium country=de` (see `docs/proxies.md`). Unset: from the address of this machine.',
  },
  PROXY_FILE: {
    schema: z.string().min(1),
    group: 'Ways out',
    description: 'The same list as a file, one proxy per line or a JSON array. Not together with `PROXIES`.',
  },
  IMPERSONATE: {
    schema: z.enum(['auto', 'off'], { error: 'must be auto or off' }),
    default: 'auto',
    group: 'Ways out',
    description:
      'Whether retries may speak TLS and HTTP/2 as a browser does: `auto` where the optional package `impit` is installed, or `off`.',
  },
  BROWSER: {
    schema: z
      .string()
      .regex(
        /^(auto|off|\/.+|[A-Za-z]:\\.+|(wss?|https?):\/\/.+)$/,
        'must be auto, off, a path or the address of a browser',
      ),
    default: 'auto',
    group: 'Ways out',
    description:
      'The browser that `render` uses: `auto` (a Chromium or Chrome of this machine, if there is one), `off`, the path of a program, or the CDP address of a browser that runs elsewhere (see `docs/rendering.md`).',
  },
  MAX_BROWSER_PAGES: {
    schema: count(1, 256),
    default: '4',
    group: 'Ways out',
    description: 'Pages that are rendered at a time, per worker. Each takes some 100 to 300 MB.',
  },
  WEBHOOK_CALLS_PER_RECEIVER: {
    schema: count(1, 256),
    default: '32',
    group: 'Callbacks',
    description:
      "Calls to one receiver at a time, per worker, while it is healthy. A receiver is one key's callbacks to one origin.",
  },
  WEBHOOK_MAX_ATTEMPTS: {
    schema: count(1, 1_000),
    group: 'Callbacks',
    description:
      'A callback is given up after so many calls: 3 is the documented rule of the hosted service. Unset: when it has not arrived within 72 hours.',
  },
  PRICE_FILE: {
    schema: z.string().min(1),
    group: 'Credits',
    description:
      'JSON file that overrides parts of the price table (see `docs/credits.md`). Unset: the built-in table.',
  },
  JOB_WORKFLOWS_UP_TO: {
    schema: count(1, 50_000),
    default: '100',
    group: 'Batches',
    description:
      'Largest batch that runs a workflow per URL by itself. Larger ones are swept: one activity fetches hundreds of URLs.',
  },
  RETENTION_HOURS: {
    schema: count(24, 8_760),
    default: '72',
    group: 'Batches',
    description: 'How long a result is kept after its job ended (hours).',
  },
} as const satisfies Record<string, ConfigField>;
