import type { ApiParams, BatchFields } from '../../../src/client';

/** What the form of a submission holds. Fields that are empty are not sent. */
export interface SubmitForm {
  readonly name: string;
  readonly tags: string;
  readonly outputFormat: '' | 'text' | 'markdown' | 'json';
  readonly isRendered: boolean;
  readonly proxies: '' | 'premium' | 'ultra_premium';
  readonly country: string;
  readonly device: '' | 'desktop' | 'mobile';
  readonly maxCredits: string;
  readonly maxPerHost: string;
  readonly timeoutHours: string;
  readonly isDeduped: boolean;
  readonly callback: string;
}

export const emptyForm: SubmitForm = {
  name: '',
  tags: '',
  outputFormat: '',
  isRendered: false,
  proxies: '',
  country: '',
  device: '',
  maxCredits: '',
  maxPerHost: '',
  timeoutHours: '',
  isDeduped: false,
  callback: '',
};

/** Parameters of the fetches, which are what the price depends on. */
export function apiParamsOf(form: SubmitForm): ApiParams {
  const { outputFormat, isRendered, proxies, country, device } = form;
  return {
    ...(outputFormat !== '' && { output_format: outputFormat }),
    ...(isRendered && { render: true }),
    ...(proxies !== '' && { [proxies]: true }),
    ...(country.trim() !== '' && { country_code: country.trim().toLowerCase() }),
    ...(device !== '' && { device_type: device }),
  };
}

const SECONDS_PER_HOUR = 3_600;

/** Fields of the batch, as the client takes them. */
export function batchFieldsOf(form: SubmitForm): BatchFields {
  const { name, tags, maxCredits, maxPerHost, timeoutHours, isDeduped, callback } = form;
  const apiParams = apiParamsOf(form);
  const tagList = tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return {
    ...(name.trim() !== '' && { name: name.trim() }),
    ...(tagList.length > 0 && { tags: tagList }),
    ...(maxCredits !== '' && { maxCredits: Number(maxCredits) }),
    ...(maxPerHost !== '' && { maxPerHost: Number(maxPerHost) }),
    ...(timeoutHours !== '' && { timeoutSec: Math.round(Number(timeoutHours) * SECONDS_PER_HOUR) }),
    ...(isDeduped && { dedupe: true }),
    ...(callback.trim() !== '' && { callback: callback.trim() }),
    ...(Object.keys(apiParams).length > 0 && { apiParams }),
  };
}
