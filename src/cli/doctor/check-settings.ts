import { problemsOfUse } from '../../service/problems-of-use';
import { fail, ok, warn } from './finding';
import type { Finding } from './finding';
import type { Place } from './place';

/** Checks the settings as a start does. */
export async function checkSettings({ env, hasSettings, service }: Place): Promise<readonly Finding[]> {
  if (!hasSettings)
    return [
      warn(
        'settings',
        `no settings of an installation are here, so only the service at ${service.url} and this machine are checked`,
        'run this in the folder in which everfetch is started (with its .env), or set DATA_DIR or DATABASE_URL as they are set there',
      ),
    ];
  const problems = await problemsOfUse(env, { command: 'start' });
  if (problems.length === 0) return [ok('settings', 'every setting can be used')];
  return problems.map((problem) =>
    fail('settings', problem, 'correct that setting; docs/configuration.md has them all'),
  );
}
