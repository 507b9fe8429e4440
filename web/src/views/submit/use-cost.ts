import { useMemo } from 'preact/hooks';
import { useQuery } from '../../data/use-query';
import { useClient } from '../../session/use-client';
import { apiParamsOf } from '../../submit/batch-fields';
import type { SubmitForm } from '../../submit/batch-fields';
import { hostsOf } from '../../submit/hosts-of';
import type { SubmittedLine } from '../../submit/read-urls';

/** Prices differ by host. So many are asked for; for the rest the highest of these is taken. */
const ASKED_HOSTS = 8;

export interface Cost {
  readonly hosts: number;
  /** Undefined while it is not known. */
  readonly credits: number | undefined;
  /** False when prices of some hosts, or of lines with options of their own, were not asked for. */
  readonly isExact: boolean;
}

/** What URLs cost with the parameters of the form, if all of them finish. */
export function useCost(lines: readonly SubmittedLine[], form: SubmitForm): Cost {
  const client = useClient();
  const hosts = useMemo(() => hostsOf(lines.map(({ url }) => url)), [lines]);
  const hasOwnParams = useMemo(() => lines.some((line) => 'apiParams' in line), [lines]);
  const params = apiParamsOf(form);
  const asked = hosts.slice(0, ASKED_HOSTS);
  const key = JSON.stringify([asked.map(({ host }) => host), params]);
  const { data: prices, isStale } = useQuery(`cost ${key}`, async (signal) =>
    Promise.all(asked.map(async ({ exampleUrl }) => (await client.cost(exampleUrl, params, { signal })).credits)),
  );
  if (prices === undefined || isStale || hosts.length === 0)
    return { hosts: hosts.length, credits: hosts.length === 0 ? 0 : undefined, isExact: true };
  const highest = Math.max(...prices);
  const credits = hosts.reduce((sum, { urls }, place) => sum + urls * (prices[place] ?? highest), 0);
  return { hosts: hosts.length, credits, isExact: hosts.length <= ASKED_HOSTS && !hasOwnParams };
}
