import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65_535);
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
      'Largest batch that runs a workflow per URL by itself. Larger ones will be swept once sweeps exist; until then every batch runs a workflow per URL.',
  },
  RETENTION_HOURS: {
    schema: count(24, 8_760),
    default: '72',
    group: 'Batches',
    description: 'How long a result is kept after its job ended (hours).',
  },
} as const satisfies Record<string, ConfigField>;
