import { resolve } from 'node:path';
import type { z } from 'zod';
import { configFields } from './config-fields';
import type { ConfigField } from './config-field';
import { refusedValue } from './config-problem';
import type { MissingFeatures } from '../jobs/features';
import type { JsonBody } from '../jobs/json-body';

export interface Config {
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly publicUrl: string;
    readonly corsOrigins: readonly string[];
    /** How long a request waits for its page (s). */
    readonly syncWaitSec: number;
  };
  readonly jsonBodies: JsonBody;
  readonly missingFeatures: MissingFeatures;
  readonly dataDir: string;
  readonly segments: SegmentsConfig;
  readonly apiKey: string | undefined;
  readonly logLevel: string;
  readonly logFormat: 'auto' | 'json' | 'pretty';
  readonly postgres: { readonly url: string | undefined; readonly embeddedPort: number };
  readonly temporal: {
    readonly address: string | undefined;
    readonly namespace: string;
    readonly embeddedPort: number;
    readonly uiPort: number;
    /** Address of Temporal's Web UI, without a slash at the end; undefined where none is known. */
    readonly uiUrl: string | undefined;
  };
  readonly fetching: {
    readonly allowPrivateTargets: string;
    /** Name servers; empty for those of the system. */
    readonly dnsServers: readonly string[];
    readonly attemptTimeoutMs: number;
    /** Number of worker processes; undefined for as many as the machine has room for. */
    readonly workers: number | undefined;
    readonly maxConcurrent: number;
    readonly maxPerHost: number;
    readonly hostLimits: string;
    readonly respectRobotsTxt: boolean;
  };
  readonly outbound: {
    /** File with the owner's proxies and their passwords. */
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

/** Storage of the pages. */
export type SegmentsConfig =
  | { readonly kind: 'fs' }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      readonly region: string;
      readonly endpoint: string | undefined;
      readonly prefix: string | undefined;
      readonly forcePathStyle: boolean;
      /** Set together with the secret, or not at all. */
      readonly accessKeyId: string | undefined;
      readonly secretAccessKey: string | undefined;
    };

/** Thrown when the configuration cannot be used. The message names every problem, each on a line of its own. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** A sentence about each problem, without its full stop. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    const [first = ''] = problems;
    super(
      problems.length === 1
        ? `${first}.`
        : `The configuration has ${problems.length} problems:\n${problems.map((each) => `  ${each}`).join('\n')}`,
      options,
    );
    this.problems = problems;
  }
}

export type Env = Readonly<Record<string, string | undefined>>;

/** The value of a setting, or its default. An empty variable counts as unset, because compose files and `.env` files leave it empty. */
export function settingOf(env: Env, name: keyof typeof configFields): string | undefined {
  const { [name]: field }: Readonly<Record<string, ConfigField>> = configFields;
  return isSet(env, name) ? env[name] : field?.default;
}

export const isSet = (env: Env, name: string): boolean => env[name] !== undefined && env[name] !== '';

type Fields = typeof configFields;
type Values = {
  readonly [K in keyof Fields]: Fields[K] extends { readonly default: string }
    ? z.output<Fields[K]['schema']>
    : z.output<Fields[K]['schema']> | undefined;
};

interface Read {
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
}

function readFields(env: Env): Read {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(configFields) as [keyof Fields, ConfigField][]) {
    const text = settingOf(env, name);
    if (text === undefined) continue;
    const parsed = field.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(refusedValue(name, text));
  }
  problems.push(...problemsOfS3((name) => isSet(env, name)));
  if (isSet(env, 'PROXIES') && isSet(env, 'PROXY_FILE'))
    problems.push('PROXY_FILE and PROXIES are both set, only one of them may be');
  return { values, problems };
}

/** A sentence for each problem of the environment. Nothing else of the machine is looked at. */
export const problemsOfEnv = (env: Env): readonly string[] => readFields(env).problems;

function problemsOfS3(isGiven: (name: keyof Fields) => boolean): string[] {
  const problems: string[] = [];
  const pair = ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;
  const missing = pair.filter((name) => !isGiven(name));
  if (missing.length === 1)
    problems.push(`${missing.join()} is not set, it has to be, because ${pair.filter(isGiven).join()} is`);
  // Without a bucket, pages would be stored in a folder that other machines do not see.
  const needsBucket = (['S3_ENDPOINT', 'S3_PREFIX', ...pair] as const).filter(isGiven);
  if (needsBucket.length > 0 && !isGiven('S3_BUCKET'))
    problems.push(
      `S3_BUCKET is not set, it has to be, because ${needsBucket.join(', ')} ${needsBucket.length > 1 ? 'are' : 'is'}`,
    );
  return problems;
}

const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The embedded Web UI listens on loopback. Where another Temporal has one is not known. */
function uiUrlOf({ TEMPORAL_UI_URL, TEMPORAL_ADDRESS, TEMPORAL_UI_PORT }: Values): string | undefined {
  const embedded = TEMPORAL_ADDRESS === undefined ? `http://127.0.0.1:${TEMPORAL_UI_PORT}` : undefined;
  return (TEMPORAL_UI_URL ?? embedded)?.replace(/\/+$/, '');
}

/**
 * Validates the whole environment once and returns it as a frozen object.
 * @throws ConfigError naming every problem.
 */
export function loadConfig(env: Env): Config {
  const { values, problems } = readFields(env);
  if (problems.length > 0) throw new ConfigError(problems);
  const value = values as Values; // as: every schema has passed
  const host = value.HOST;
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : hostInUrl(host);
  return Object.freeze({
    http: {
      host,
      port: value.PORT,
      publicUrl: (value.PUBLIC_URL ?? `http://${shownHost}:${value.PORT}`).replace(/\/+$/, ''),
      corsOrigins: value.CORS_ORIGINS,
      syncWaitSec: value.SYNC_WAIT_SEC,
    },
    jsonBodies: value.JSON_BODIES,
    missingFeatures: value.MISSING_FEATURES,
    dataDir: resolve(value.DATA_DIR),
    segments: segmentsOf(value),
    apiKey: value.API_KEY,
    logLevel: value.LOG_LEVEL,
    logFormat: value.LOG_FORMAT,
    postgres: { url: value.DATABASE_URL, embeddedPort: value.EMBEDDED_POSTGRES_PORT },
    temporal: {
      address: value.TEMPORAL_ADDRESS,
      namespace: value.TEMPORAL_NAMESPACE,
      embeddedPort: value.EMBEDDED_TEMPORAL_PORT,
      uiPort: value.TEMPORAL_UI_PORT,
      uiUrl: uiUrlOf(value),
    },
    fetching: {
      allowPrivateTargets: value.ALLOW_PRIVATE_TARGETS,
      dnsServers: value.DNS_SERVERS,
      attemptTimeoutMs: value.ATTEMPT_TIMEOUT_SEC * 1_000,
      workers: value.WORKERS,
      maxConcurrent: value.MAX_CONCURRENT_FETCHES,
      maxPerHost: value.MAX_FETCHES_PER_HOST,
      hostLimits: value.HOST_LIMITS,
      respectRobotsTxt: value.RESPECT_ROBOTS_TXT,
    },
    outbound: {
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
