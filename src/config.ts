import { resolve } from 'node:path';
import type { z } from 'zod';
import { configFields } from './config-fields';
import type { MissingFeatures } from './contracts/features';
import type { JsonBody } from './contracts/json-body';

export interface Config {
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly publicUrl: string;
    readonly corsOrigins: readonly string[];
  };
  readonly jsonBodies: JsonBody;
  readonly missingFeatures: MissingFeatures;
  readonly dataDir: string;
  readonly segments: SegmentsConfig;
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
    readonly hostLimits: string;
    readonly respectRobotsTxt: boolean;
  };
  readonly waysOut: {
    /** With passwords in it. */
    readonly proxies: string | undefined;
    readonly proxyFile: string | undefined;
    readonly impersonate: 'auto' | 'off';
    readonly browser: string;
    readonly maxBrowserPages: number;
  };
  readonly webhooks: { readonly callsPerReceiver: number; readonly maxAttempts: number | undefined };
  readonly jobWorkflowsUpTo: number;
  readonly retentionHours: number;
  readonly priceFile: string | undefined;
}

/** Where pages are kept. */
export type SegmentsConfig =
  | { readonly kind: 'fs' }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      readonly region: string;
      readonly endpoint: string | undefined;
      readonly prefix: string | undefined;
      readonly forcePathStyle: boolean;
      /** Both or none. */
      readonly accessKeyId: string | undefined;
      readonly secretAccessKey: string | undefined;
    };

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
  const isSet = (name: keyof Fields) => env[name] !== undefined && env[name] !== '';
  problems.push(...problemsOfS3(isSet));
  if (isSet('PROXIES') && isSet('PROXY_FILE')) problems.push('PROXY_FILE: must not be set together with PROXIES');
  if (problems.length > 0) {
    throw new ConfigError(`The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
  return values as Values;
}

function problemsOfS3(isSet: (name: keyof Fields) => boolean): string[] {
  const problems: string[] = [];
  const pair = ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;
  const missing = pair.filter((name) => !isSet(name));
  if (missing.length === 1) problems.push(`${missing.join()}: must be set, because the other half of the pair is`);
  // Forgotten, it would put the pages into a folder that other machines do not see.
  const needsBucket = (['S3_ENDPOINT', 'S3_PREFIX', ...pair] as const).filter(isSet);
  if (needsBucket.length > 0 && !isSet('S3_BUCKET'))
    problems.push(`S3_BUCKET: must be set, because ${needsBucket.join(', ')} is`);
  return problems;
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
      corsOrigins: value.CORS_ORIGINS,
    },
    jsonBodies: value.JSON_BODIES,
    missingFeatures: value.MISSING_FEATURES,
    dataDir: resolve(value.DATA_DIR),
    segments: segmentsOf(value),
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
      hostLimits: value.HOST_LIMITS,
      respectRobotsTxt: value.RESPECT_ROBOTS_TXT,
    },
    waysOut: {
      proxies: value.PROXIES,
      proxyFile: value.PROXY_FILE,
      impersonate: value.IMPERSONATE,
      browser: value.BROWSER,
      maxBrowserPages: value.MAX_BROWSER_PAGES,
    },
    webhooks: { callsPerReceiver: value.WEBHOOK_CALLS_PER_RECEIVER, maxAttempts: value.WEBHOOK_MAX_ATTEMPTS },
    jobWorkflowsUpTo: value.JOB_WORKFLOWS_UP_TO,
    retentionHours: value.RETENTION_HOURS,
    priceFile: value.PRICE_FILE,
  });
}

function segmentsOf(value: Values): SegmentsConfig {
  if (value.S3_BUCKET === undefined) return { kind: 'fs' };
  return {
    kind: 's3',
    bucket: value.S3_BUCKET,
    region: value.S3_REGION,
    endpoint: value.S3_ENDPOINT,
    prefix: value.S3_PREFIX,
    forcePathStyle: value.S3_FORCE_PATH_STYLE ?? value.S3_ENDPOINT !== undefined,
    accessKeyId: value.S3_ACCESS_KEY_ID,
    secretAccessKey: value.S3_SECRET_ACCESS_KEY,
  };
}
