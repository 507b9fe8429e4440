import type { FetchOutcome } from '../../jobs/fetch-outcome';
import { isOwnTrouble, isProxyFault } from '../error-codes';
import type { ProxyVerdict } from './proxy-pool';

/** What an attempt's outcome says of the proxy it went through; undefined: nothing. */
export function proxyVerdictOf(outcome: FetchOutcome): ProxyVerdict | undefined {
  switch (outcome.kind) {
    case 'page':
    case 'too-large':
      return 'good';
    case 'blocked':
    case 'throttled':
    case 'unsuccessful':
      return 'bad';
    case 'refused':
      return outcome.statusCode < 500 ? 'bad' : undefined; // the target's own trouble
    case 'unreachable':
      if (isOwnTrouble(outcome.code)) return undefined;
      if (!isProxyFault(outcome.code)) return 'silent'; // should the target be down, all proxies lose alike
      return outcome.code === 'PROXY_AUTH_FAILED' ? 'locked-out' : 'dead';
    case 'too-many-redirects':
    case 'unconvertible':
    case 'forbidden':
    case 'disallowed':
      return undefined;
  }
}
