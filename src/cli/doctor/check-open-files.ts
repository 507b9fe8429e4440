import type { Config } from '../../config/config';
import { maxInFlight, readMaxOpenFiles } from '../../service/in-flight-governor';
import { ok, warn } from './finding';
import type { Finding } from './finding';

const check = 'open-files';

/** Checks how many files a process may open. This process has the limits of a service that is started the same way. */
export function checkOpenFiles({ fetching }: Config, maxOpenFiles = readMaxOpenFiles()): readonly Finding[] {
  if (maxOpenFiles === undefined) return [ok(check, 'this system does not say how many files may be open')];
  const most = maxInFlight(fetching.maxConcurrent, maxOpenFiles);
  return most < fetching.maxConcurrent
    ? [
        warn(
          check,
          `a process may open ${maxOpenFiles} files, so a worker fetches at most ${most} pages at a time, not ${fetching.maxConcurrent}`,
          'raise the limit where the service is started (ulimit -n, LimitNOFILE of systemd, --ulimit nofile of docker)',
        ),
      ]
    : [ok(check, `a process may open ${maxOpenFiles} files, which is enough for ${most} fetches at a time`)];
}
