import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isSet, loadConfig, problemsOfEnv, settingOf } from '../../config/config';
import type { Config, Env } from '../../config/config';

/** What is checked: the installation whose settings are here, and the service that answers. */
export interface Place {
  readonly env: Env;
  /** Undefined when the settings are wrong, or there are none. */
  readonly config: Config | undefined;
  /** Whether settings of an installation are here: in the environment, in `.env`, or by its data folder. */
  readonly hasSettings: boolean;
  readonly service: {
    /** Without a slash at its end. */
    readonly url: string;
    /** Whether somebody has said that it is there. */
    readonly isNamed: boolean;
    readonly apiKey: string | undefined;
  };
  /** A page of a site that targets are like. */
  readonly target: URL;
}

/** Settings of which one at least tells that an installation is meant. */
const TELLING = ['DATA_DIR', 'DATABASE_URL', 'TEMPORAL_ADDRESS', 'S3_BUCKET', 'PROXIES', 'PROXY_FILE', 'PORT'] as const;

/** Finds out what there is to check. Nothing is asked or changed. */
export function placeOf(env: Env, target: URL): Place {
  const dataDir = resolve(settingOf(env, 'DATA_DIR') ?? '');
  const hasSettings = TELLING.some((name) => isSet(env, name)) || existsSync(join(dataDir, 'postgres'));
  const config = hasSettings && problemsOfEnv(env).length === 0 ? loadConfig(env) : undefined;
  const named = env['EVERFETCH_URL'];
  const isNamed = named !== undefined && named !== '';
  return {
    env,
    config,
    hasSettings,
    service: {
      url: isNamed ? named.replace(/\/+$/, '') : localUrl(config),
      isNamed,
      apiKey: env['EVERFETCH_API_KEY'] || config?.apiKey,
    },
    target,
  };
}

/** Where the service of these settings listens, as this machine reaches it. */
function localUrl(config: Config | undefined): string {
  const { host, port } = config?.http ?? { host: '127.0.0.1', port: 8080 };
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
