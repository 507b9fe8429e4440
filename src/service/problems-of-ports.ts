import { isSet, settingOf } from '../config/config';
import type { Env } from '../config/config';
import { configProblem } from '../config/config-problem';
import { UnusableAddressError, assertPortFree } from '../embedded/ports';

interface Port {
  readonly name: 'PORT' | 'EMBEDDED_POSTGRES_PORT' | 'EMBEDDED_TEMPORAL_PORT' | 'TEMPORAL_UI_PORT';
  readonly host: string;
}

const LOOPBACK = '127.0.0.1';
/** Addresses that cover 127.0.0.1: a server that listens on one of them takes the port there as well. */
const COVERS_LOOPBACK = [LOOPBACK, 'localhost', '0.0.0.0', '::'];

/**
 * Says which ports are equal, not allowed for this user, or of an address that this machine does not have. Whether a port is in use is
 * checked by the start, which first ends embedded servers that outlived their parent and may hold it.
 */
export async function problemsOfPorts(env: Env, command: 'start' | 'api' | 'worker'): Promise<readonly string[]> {
  const ports = portsOf(env, command);
  const problems = command === 'worker' ? [] : await problemsOfHost(settingOf(env, 'HOST') ?? '');
  for (const [index, { name, host }] of ports.entries()) {
    const number = numberOf(env, name);
    if (number === undefined) continue; // the schema has refused it
    const twin = ports
      .slice(0, index)
      .find((other) => numberOf(env, other.name) === number && isSameAddress(host, other.host));
    if (twin !== undefined) problems.push(`${twin.name} and ${name} are both ${number}, they have to differ`);
    else if ((await failureOfListening(number, host)) === 'EACCES')
      problems.push(configProblem(name, settingOf(env, name) ?? '', FOR_ROOT_ONLY));
  }
  return problems;
}

function portsOf(env: Env, command: 'start' | 'api' | 'worker'): readonly Port[] {
  const host = settingOf(env, 'HOST') ?? '';
  return [
    ...(command === 'worker' ? [] : [{ name: 'PORT', host } as const]),
    ...(command !== 'start' || isSet(env, 'DATABASE_URL')
      ? []
      : [{ name: 'EMBEDDED_POSTGRES_PORT', host: LOOPBACK } as const]),
    ...(command !== 'start' || isSet(env, 'TEMPORAL_ADDRESS')
      ? []
      : ([
          { name: 'EMBEDDED_TEMPORAL_PORT', host: LOOPBACK },
          { name: 'TEMPORAL_UI_PORT', host: LOOPBACK },
        ] as const)),
  ];
}

function numberOf(env: Env, name: Port['name']): number | undefined {
  const number = Number(settingOf(env, name));
  return Number.isInteger(number) && number >= 1 && number <= 65_535 ? number : undefined;
}

const isSameAddress = (host: string, other: string): boolean =>
  host === other || (COVERS_LOOPBACK.includes(host) && COVERS_LOOPBACK.includes(other));

const FOR_ROOT_ONLY =
  'which this user may not listen on (EACCES), it has to be one from 1024 up, or node needs the right to (CAP_NET_BIND_SERVICE)';

/** Tries the host on a port that the system chooses, because `PORT` may be wrong, too. */
async function problemsOfHost(host: string): Promise<string[]> {
  const code = /\s/.test(host) ? 'EINVAL' : await failureOfListening(0, host);
  if (code === undefined) return [];
  const complaint = `which this machine cannot listen on (${code}), it has to be 127.0.0.1, 0.0.0.0 (all addresses), or an address of this machine`;
  return [configProblem('HOST', host, complaint)];
}

/** Says why listening there is impossible; undefined when it is possible, or the port is in use. */
async function failureOfListening(port: number, host: string): Promise<string | undefined> {
  try {
    await assertPortFree(port, host, '');
    return undefined;
  } catch (error) {
    return error instanceof UnusableAddressError ? error.code : undefined;
  }
}
