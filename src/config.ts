import { resolve } from 'node:path';
import type { z } from 'zod';
import { configFields } from './config-fields';

export interface Config {
  readonly http: { readonly host: string; readonly port: number; readonly publicUrl: string };
  readonly dataDir: string;
  readonly apiKey: string | undefined;
  readonly logLevel: string;
  readonly postgres: { readonly url: string | undefined; readonly embeddedPort: number };
  readonly temporal: {
    readonly address: string | undefined;
    readonly namespace: string;
    readonly embeddedPort: number;
    readonly uiPort: number;
  };
  readonly fetching: {
    readonly allowPrivateTargets: string;
    readonly attemptTimeoutMs: number;
    readonly maxConcurrent: number;
    readonly maxPerHost: number;
  };
  readonly jobWorkflowsUpTo: number;
  readonly retentionHours: number;
  readonly priceFile: string | undefined;
}

/** Every problem of the environment at once, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Fields = typeof configFields;
type Values = {
  readonly [K in keyof Fields]: Fields[K] extends { readonly default: string }
    ? z.output<Fields[K]['schema']>
    : z.output<Fields[K]['schema']> | undefined;
};

/** An empty variable counts as unset, because compose files and `.env` files write it so. */
function readFields(env: Readonly<Record<string, string | undefined>>): Values {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(configFields)) {
    const text =
      env[name] === undefined || env[name] === '' ? ('default' in field ? field.default : undefined) : env[name];
    if (text === undefined) continue;
    const parsed = field.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    // The value itself is not repeated: it may be a key or a password.
    else problems.push(`${name}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`);
  }
  if (problems.length > 0) {
    throw new ConfigError(`The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
  return values as Values;
}

const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/**
 * Validates the whole environment once and returns it as a frozen object.
 * @throws ConfigError naming every problem.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const value = readFields(env);
  const host = value.HOST;
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : hostInUrl(host);
  return Object.freeze({
    http: {
      host,
      port: value.PORT,
      publicUrl: (value.PUBLIC_URL ?? `http://${shownHost}:${value.PORT}`).replace(/\/+$/, ''),
    },
    dataDir: resolve(value.DATA_DIR),
    apiKey: value.API_KEY,
    logLevel: value.LOG_LEVEL,
    postgres: { url: value.DATABASE_URL, embeddedPort: value.EMBEDDED_POSTGRES_PORT },
    temporal: {
      address: value.TEMPORAL_ADDRESS,
      namespace: value.TEMPORAL_NAMESPACE,
      embeddedPort: value.EMBEDDED_TEMPORAL_PORT,
      uiPort: value.TEMPORAL_UI_PORT,
    },
    fetching: {
      allowPrivateTargets: value.ALLOW_PRIVATE_TARGETS,
      attemptTimeoutMs: value.ATTEMPT_TIMEOUT_SEC * 1_000,
      maxConcurrent: value.MAX_CONCURRENT_FETCHES,
      maxPerHost: value.MAX_FETCHES_PER_HOST,
    },
    jobWorkflowsUpTo: value.JOB_WORKFLOWS_UP_TO,
    retentionHours: value.RETENTION_HOURS,
    priceFile: value.PRICE_FILE,
  });
}
