import { ConfigError, loadConfig } from '../config/config';
import type { Config, Env } from '../config/config';
import { problemsOfUse } from './problems-of-use';
import type { Use } from './problems-of-use';

/**
 * The configuration, looked through as a whole before anything is started or made.
 * @throws ConfigError naming every problem of the environment and of what it names
 */
export async function loadUsableConfig(env: Env, use: Use): Promise<Config> {
  const problems = await problemsOfUse(env, use);
  if (problems.length > 0) throw new ConfigError(problems);
  return loadConfig(env);
}
