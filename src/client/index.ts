export type { AnyJob } from './any-job';
export * from './api-types';
export type { Job as JobObject, Batch as BatchObject } from './api-types';
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  EverfetchError,
  ExpiredError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitError,
  UnavailableError,
  WebhookError,
} from './errors';
export type { ErrorDetail } from './errors';
export { Everfetch } from './everfetch';
export type { EverfetchOptions } from './everfetch';
export type { Keys } from './keys';
export type { Listed, Page } from './pages';
export type * from './requests';
export type { ResultsOptions } from './results';
export type { SubmitManyOptions } from './submit-many';
export { verifyWebhook } from './verify-webhook';
export type { WebhookToVerify } from './verify-webhook';
export { isBatchId } from './wait';
export type { WaitOptions } from './wait';
