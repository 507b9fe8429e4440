import { z } from 'zod';
import { missingFeaturesModes } from '../jobs/features';
import { jsonBodies } from '../jobs/json-body';
import { lenientBoolean } from '../jobs/lenient';
import { parseNameServers } from '../net/dns/parse-name-servers';
import { originsOf } from '../net/origins';
import { count, port, printable } from './config-field';
import type { ConfigField } from './config-field';
import { serverFields } from './server-fields';

/** The table of all settings. Validation, `.env.example` and `docs/configuration.md` are made from it. */
export const configFields = {
  HOST: {
    schema: z.string().min(1),
    allowed: 'an address of this machine, such as 127.0.0.1 or 0.0.0.0 (all of them), or a name of it',
    default: '127.0.0.1',
    group: 'Service',
    description: 'Address the API listens on.',
  },
  PORT: {
    schema: port,
    allowed: 'a number from 1 to 65535',
    default: '8080',
    group: 'Service',
    description: 'Port of the API.',
  },
  PUBLIC_URL: {
    schema: z.url({ protocol: /^https?$/ }),
    allowed: 'an address that begins with http:// or https://',
    group: 'Service',
    description: 'What every `statusUrl` starts with. Unset: made from `HOST` and `PORT`.',
  },
  SYNC_WAIT_SEC: {
    schema: count(1, 120),
    allowed: 'a number from 1 to 120',
    default: '70',
    group: 'Service',
    description:
      'How long `GET /?url=…` waits for its page (seconds), and `POST /scrape` unless it says `wait`. Less than what a proxy in front of the service waits.',
  },
  CORS_ORIGINS: {
    schema: z.string().transform((text, context) => {
      const origins = originsOf(text);
      if (origins !== undefined) return origins;
      context.addIssue({ code: 'custom', message: 'is no list of origins' });
      return z.NEVER;
    }),
    allowed: 'origins such as https://app.example, separated by commas, or *',
    default: '',
    group: 'Service',
    description:
      'Origins whose scripts may call the API from a browser, separated by commas, such as `https://app.example`; `*` for all. A script has to know the API key, and so has everybody who can see the page. Empty: none.',
  },
  JSON_BODIES: {
    schema: z.enum(jsonBodies),
    allowed: 'object or text',
    default: 'object',
    group: 'Service',
    description:
      'How pages that are declared as JSON stand in `response.body`: `object`, the JSON value itself, or `text`. `json_body` of a job counts more.',
  },
  MISSING_FEATURES: {
    schema: z.enum(missingFeaturesModes),
    allowed: 'refuse or ignore',
    default: 'refuse',
    group: 'Service',
    description:
      'What becomes of a parameter that needs a browser or proxies that no worker has: `refuse` answers 400, `ignore` leaves the parameter out and names it in `X-Ignored-Parameters`, in the job object (`ignoredParams`) and in the log.',
  },
  DATA_DIR: {
    schema: z.string().min(1),
    allowed: 'the path of a folder',
    default: './data',
    group: 'Service',
    description: 'Folder of pages and of the embedded databases.',
  },
  API_KEY: {
    schema: printable,
    allowed: '1 to 255 printable ASCII characters without spaces',
    isSecret: true,
    group: 'Service',
    description:
      'Use this key instead of generating one at the first start. In a new installation it is an admin key, which sees and manages all keys.',
  },
  LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    allowed: 'trace, debug, info, warn, error or silent',
    default: 'info',
    group: 'Service',
    description: 'Least severity that is logged: trace, debug, info, warn, error or silent.',
  },
  LOG_FORMAT: {
    schema: z.enum(['auto', 'json', 'pretty']),
    allowed: 'auto, json or pretty',
    default: 'auto',
    group: 'Service',
    description:
      'Form of the log on standard error: `json`, a line per event for machines, `pretty`, a line for people, or `auto`, `pretty` on a terminal and `json` elsewhere.',
  },
  ...serverFields,
  ALLOW_PRIVATE_TARGETS: {
    schema: z.string(),
    allowed: 'CIDRs, addresses or host names, separated by commas',
    default: '',
    group: 'Fetching',
    description:
      'Private targets the owner opens: CIDRs, addresses or host names, separated by commas. Empty: public addresses only.',
  },
  DNS_SERVERS: {
    schema: z.string().transform((text, context) => {
      const servers = parseNameServers(text);
      if (servers !== undefined) return servers;
      context.addIssue({ code: 'custom', message: 'is no list of name servers' });
      return z.NEVER;
    }),
    allowed: 'at most five addresses such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53, separated by commas',
    default: '',
    group: 'Fetching',
    description:
      'Name servers that are asked for the names of targets, callbacks and proxies: at most five addresses, each perhaps with a port, separated by commas. Empty: those of the system.',
  },
  ATTEMPT_TIMEOUT_SEC: {
    schema: count(1, 80),
    allowed: 'a number from 1 to 80',
    default: '60',
    group: 'Fetching',
    description: 'Longest time of one attempt, redirects included (seconds).',
  },
  WORKERS: {
    schema: count(1, 64),
    allowed: 'a number from 1 to 64',
    group: 'Fetching',
    description:
      'Worker processes of `everfetch start` and `everfetch worker`; the first one is the process itself. Unset: one less than the cores that it may use, but 2 on two cores, and at most one per GB of memory. Limits of hosts and keys hold for all of them together.',
  },
  MAX_CONCURRENT_FETCHES: {
    schema: count(1, 4_096),
    allowed: 'a number from 1 to 4096',
    default: '2000',
    group: 'Fetching',
    description:
      'Most fetches in flight per worker; those that have taken 5 s are not counted, so that dead hosts do not hold up the others, up to as many again. Below it the number follows what the machine bears: event loop, memory, commits, sockets; at the start it is lowered to what the limit of open files allows (`ulimit -n`). `/healthz` shows it.',
  },
  MAX_FETCHES_PER_HOST: {
    schema: count(1, 4_096),
    allowed: 'a number from 1 to 4096',
    default: '16',
    group: 'Fetching',
    description: 'Fetches in flight per target host, of all workers together.',
  },
  HOST_LIMITS: {
    schema: z.string().max(1_000_000),
    allowed: 'entries such as example.com=5/s, separated by commas, at most 1,000,000 characters',
    default: '',
    group: 'Fetching',
    description:
      'Limits of target hosts: entries such as `example.com=5/s` or `*.shop.example=30/m;concurrency=2`, separated by commas (see `docs/politeness.md`). Both hold over all workers together. Empty: no pace, and `MAX_FETCHES_PER_HOST` at a time.',
  },
  RESPECT_ROBOTS_TXT: {
    schema: lenientBoolean,
    allowed: 'true or false',
    default: 'false',
    group: 'Fetching',
    description:
      'Fetch only what the robots.txt of a site allows, at the pace it asks for. A URL that it disallows fails at once.',
  },
  PROXIES: {
    schema: z.string().max(1_000_000),
    allowed: 'proxies separated by commas, at most 1,000,000 characters',
    isSecret: true,
    group: 'Outbound',
    description:
      'Proxies that targets are fetched through, separated by commas: `http://user:password@host:port tier=premium country=de` (see `docs/proxies.md`). Unset: from the address of this machine.',
  },
  PROXY_FILE: {
    schema: z.string().min(1),
    allowed: 'the path of a file',
    group: 'Outbound',
    description: 'The same list as a file, one proxy per line or a JSON array. Not together with `PROXIES`.',
  },
  IMPERSONATE: {
    schema: z.enum(['auto', 'off']),
    allowed: 'auto or off',
    default: 'auto',
    group: 'Outbound',
    description:
      'Whether retries may speak TLS and HTTP/2 as a browser does: `auto` where the optional package `impit` is installed, or `off`.',
  },
  BROWSER: {
    schema: z.string().regex(/^(auto|off|\/.+|[A-Za-z]:\\.+|(wss?|https?):\/\/.+)$/),
    allowed:
      'auto, off, the absolute path of a program, or the address of a browser (ws://, wss://, http:// or https://)',
    default: 'auto',
    group: 'Outbound',
    description:
      'The browser that `render` uses: `auto` (a Chromium or Chrome of this machine, if there is one), `off`, the path of a program, or the CDP address of a browser that runs elsewhere (see `docs/rendering.md`).',
  },
  MAX_BROWSER_PAGES: {
    schema: count(1, 256),
    allowed: 'a number from 1 to 256',
    default: '4',
    group: 'Outbound',
    description: 'Pages that are rendered at a time, per worker. Each takes some 100 to 300 MB.',
  },
  WEBHOOK_CALLS_PER_RECEIVER: {
    schema: count(1, 256),
    allowed: 'a number from 1 to 256',
    default: '32',
    group: 'Callbacks',
    description:
      "Calls to one receiver at a time, while it is healthy. A receiver is one key's callbacks to one origin.",
  },
  WEBHOOK_MAX_ATTEMPTS: {
    schema: count(1, 1_000),
    allowed: 'a number from 1 to 1000',
    group: 'Callbacks',
    description:
      'A callback is given up after so many calls: 3 is the documented rule of the hosted service. Unset: when it has not arrived within 72 hours.',
  },
  PRICE_FILE: {
    schema: z.string().min(1),
    allowed: 'the path of a file',
    group: 'Credits',
    description:
      'JSON file that overrides parts of the price table (see `docs/credits.md`). Unset: the built-in table.',
  },
  JOB_WORKFLOWS_UP_TO: {
    schema: count(1, 50_000),
    allowed: 'a number from 1 to 50000',
    default: '100',
    group: 'Batches',
    description:
      'Largest batch that runs a workflow per URL by itself. Larger ones are swept: one activity fetches hundreds of URLs.',
  },
  RETENTION_HOURS: {
    schema: count(24, 8_760),
    allowed: 'a number from 24 to 8760',
    default: '72',
    group: 'Batches',
    description: 'How long a result is kept after its job ended (hours).',
  },
} as const satisfies Record<string, ConfigField>;
