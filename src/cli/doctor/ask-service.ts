/** An answer of the service, or of whatever listens there. */
export interface ServiceAnswer {
  readonly status: number;
  /** The JSON of the answer; undefined when it is none. */
  readonly body: unknown;
  /** How far the clock of the service is ahead of this one (ms), as its header `Date` tells it to a second. */
  readonly clockAheadMs: number | undefined;
}

const WITHIN_MS = 5_000;

/**
 * Asks the service once.
 * @throws Error whose message says as a phrase why nothing answers
 */
export async function askService(url: string, path: string, apiKey?: string): Promise<ServiceAnswer> {
  const askedAt = Date.now();
  const response = await fetch(`${url}${path}`, {
    headers: apiKey === undefined ? {} : { 'x-api-key': apiKey },
    redirect: 'manual',
    signal: AbortSignal.timeout(WITHIN_MS),
  }).catch((error: unknown) => {
    throw new Error(reasonOf(error), { cause: error });
  });
  const date = Date.parse(response.headers.get('date') ?? '');
  // The header has no fractions: on average half a second is missing.
  const clockAheadMs = Number.isNaN(date) ? undefined : date + 500 - (askedAt + Date.now()) / 2;
  const body: unknown = await response.json().catch(() => undefined);
  return { status: response.status, body, clockAheadMs };
}

function reasonOf(error: unknown): string {
  const { name, cause, message } = error as Error & { readonly cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${WITHIN_MS / 1_000} s`;
  return typeof cause?.code === 'string' ? cause.code : message;
}
