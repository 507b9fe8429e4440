import type { Request, Response } from 'express';
import type { ApiKey } from '../../store/api-keys';
import { ProblemError } from '../problem';

export type FindApiKey = (key: string) => Promise<ApiKey | undefined>;

const first = (...values: readonly unknown[]): string | undefined => {
  const found = values.find((value) => value !== undefined && value !== null && value !== '');
  return typeof found === 'string' ? found : undefined;
};

/** Finds the key where clients send it: in the body, the query, `x-api-key` or as a bearer token. */
export function sentApiKey(req: Request): string | undefined {
  const body = (typeof req.body === 'object' && req.body !== null ? req.body : {}) as Record<string, unknown>;
  const bearer = /^Bearer\s+(\S+)$/i.exec(req.get('authorization') ?? '')?.[1];
  return first(
    body['apiKey'],
    body['api_key'],
    req.query['apiKey'],
    req.query['api_key'],
    req.get('x-api-key'),
    bearer,
  );
}

/**
 * The key that a request was sent with. Its name goes into the log of the request.
 * @throws ProblemError 401 when the key is missing, unknown or revoked
 */
export async function authenticate(req: Request, res: Response, findApiKey: FindApiKey): Promise<ApiKey> {
  const sent = sentApiKey(req);
  if (sent === undefined)
    throw new ProblemError(
      'missing_api_key',
      'An API key is needed: apiKey in the body or query, x-api-key, or Authorization: Bearer.',
    );
  const key = await findApiKey(sent);
  if (key === undefined) throw new ProblemError('unknown_api_key', 'The API key is not known here.');
  res.locals['keyName'] = key.name;
  return key;
}

/**
 * As {@link authenticate}, for what only admin keys may do.
 * @throws ProblemError also 403 `admin_key_required`
 */
export async function authenticateAdmin(req: Request, res: Response, findApiKey: FindApiKey): Promise<ApiKey> {
  const key = await authenticate(req, res, findApiKey);
  if (!key.isAdmin)
    throw new ProblemError('admin_key_required', `The key ${JSON.stringify(key.name)} is not an admin key.`);
  return key;
}
