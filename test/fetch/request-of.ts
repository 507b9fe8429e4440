import type { FetchRequest } from '../../src/jobs/fetch-outcome';

export function requestOf(url: string, rest: Partial<FetchRequest> = {}): FetchRequest {
  return {
    url,
    method: 'GET',
    headers: {},
    keepHeaders: false,
    followRedirects: true,
    retry404: false,
    deviceType: 'desktop',
    isBinaryTarget: false,
    ...rest,
  };
}
