import type { Config, Env } from '../../config/config';
import { findTemporalCli } from '../../embedded/temporal-cli';
import { temporalAt } from '../../service/servers-of';
import { fail, ok } from './finding';
import type { Finding } from './finding';

const check = 'temporal';

/** Checks that Temporal can be used, or that the embedded one can be started. */
export async function checkTemporal({ temporal }: Config, env: Env): Promise<readonly Finding[]> {
  const { address, namespace } = temporal;
  if (address === undefined)
    return [ok(check, `the embedded Temporal is ${findTemporalCli(env)}, and starts with the service`)];
  const { what, probe, advice } = temporalAt(address, namespace);
  const reach = await probe();
  return reach.kind === 'ready'
    ? [ok(check, `${what} works, namespace "${namespace}"`)]
    : [fail(check, `${what} cannot be used: ${reach.why}`, reach.kind === 'refused' ? reach.advice : advice)];
}
