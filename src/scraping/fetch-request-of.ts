import type { ApiParams } from '../jobs/api-params';
import type { FetchRequest, RenderRequest } from '../jobs/fetch-outcome';
import { needsBrowser } from '../jobs/needs-browser';
import type { StoredJob } from '../store/jobs';

/** The part of a job that the fetcher needs to know. */
export function fetchRequestOf({ url, options }: StoredJob): FetchRequest {
  const params: ApiParams = options.apiParams ?? {};
  const statuses = options.successWhen?.status ?? undefined;
  return {
    url,
    method: options.method ?? 'GET',
    headers: options.headers ?? {},
    keepHeaders: params.keep_headers === true,
    followRedirects: params.follow_redirect !== false,
    retry404: params.retry_404 === true,
    deviceType: params.device_type ?? 'desktop',
    isBinaryTarget: params.binary_target === true,
    ...(statuses !== undefined && { finalStatuses: statuses }),
    ...(needsBrowser(params) && { render: renderRequestOf(params) }),
    ...(typeof params.country_code === 'string' && { country: params.country_code.toLowerCase() }),
    ...(typeof options.body === 'string' && { body: options.body }),
  };
}

const renderRequestOf = (params: ApiParams): RenderRequest => ({
  isScreenshotWanted: params.screenshot === true,
  instructions: params.instruction_set ?? [],
  ...(typeof params.wait_for_selector === 'string' && { waitForSelector: params.wait_for_selector }),
});
