import type { Everfetch } from './client';

export interface Question {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks the service for JSON. Answers without a body (204) are undefined, which the caller says with `Body`. */
export async function ask<Body>(
  client: Everfetch,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  question: Question = {},
): Promise<Body> {
  const answer = await client.request(method, path, question);
  return (answer.status === 204 ? undefined : await answer.json()) as Body;
}
