import { Client } from 'pg';
import { READY } from '../net/reach';
import type { Reach } from '../net/reach';
import { isUnavailable } from './store-unavailable';

const ANSWER_WITHIN_MS = 5_000;
/** Oldest version that has `merge`, `nulls not distinct` and whatever else the statements of this folder need. */
const MIN_VERSION = 15;

/** Describes for people where a `DATABASE_URL` leads: `host:port/database`, or the folder of the socket, without user and password. */
export function databaseAddress(url: string): string {
  const { host, port, database } = new Client({ connectionString: url });
  return `${host.includes(':') ? `[${host}]` : host}${host.startsWith('/') ? '' : `:${port}`}/${database ?? ''}`;
}

/** Connects once, as everfetch will, and asks what it needs to know. It never rejects and takes at most some 10 s. */
export async function probePostgres(url: string): Promise<Reach> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    application_name: 'everfetch',
  });
  client.on('error', () => undefined); // Without a listener, a connection that breaks would end the process.
  try {
    await client.connect();
    const { rows } = await client.query<Facts>(FACTS);
    return judge(rows[0]);
  } catch (error) {
    return reachOf(error);
  } finally {
    client.end().catch(() => undefined); // This is not awaited, because a silent server would not answer it either.
  }
}

interface Facts {
  readonly version: string;
  readonly encoding: string;
  readonly is_standby: boolean;
}

const FACTS = `select current_setting('server_version') as version, current_setting('server_encoding') as encoding,
  pg_is_in_recovery() as is_standby`;

function judge(facts: Facts | undefined): Reach {
  const { version = '', encoding = '', is_standby: isStandby = false } = facts ?? {};
  if (!(Number.parseInt(version, 10) >= MIN_VERSION))
    return refused(
      `it is version ${version || 'unknown'}, and ${MIN_VERSION} or later is needed`,
      'set DATABASE_URL to a newer server',
    );
  if (encoding !== 'UTF8')
    return refused(`its encoding is ${encoding}`, 'set DATABASE_URL to a database that was made with encoding UTF8');
  if (isStandby) return { kind: 'waiting', why: 'it is a standby, which takes no changes' };
  return READY;
}

const refused = (why: string, advice: string): Reach => ({ kind: 'refused', why, advice });

/** Phrases by SQLSTATE (https://www.postgresql.org/docs/18/errcodes-appendix.html), and the codes of Node's sockets and TLS. */
const REFUSALS: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  '28P01': ['it refuses the user or the password', 'correct them in DATABASE_URL'],
  '28000': ['it refuses this user', "correct the user in DATABASE_URL, or the server's pg_hba.conf"],
  '3D000': ['that database does not exist', 'create it, or correct its name in DATABASE_URL'],
  '42501': ['this user may not connect to that database', 'grant it the right, or set DATABASE_URL to another user'],
  EACCES: ['this user may not enter the folder of its socket', 'correct the path in DATABASE_URL'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another host name',
    'set DATABASE_URL to the name that stands in the certificate',
  ],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'renew it'],
};
/** Error codes of OpenSSL, as Node names them: https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|CERT_(UNTRUSTED|REJECTED|SIGNATURE_FAILURE))$/;

function reachOf(error: unknown): Reach {
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  const name = typeof code === 'string' ? code : '';
  if (/no pg_hba\.conf entry .*no encryption/.test(message))
    return refused(
      'it requires TLS',
      'add ?sslmode=verify-full to DATABASE_URL (or ?sslmode=no-verify, without a check of its certificate)',
    );
  if (/does not support SSL/.test(message)) return refused('it speaks no TLS', 'remove sslmode from DATABASE_URL');
  if (/client password must be/.test(message)) return refused('it asks for a password', 'add one to DATABASE_URL');
  if (UNTRUSTED.test(name))
    return refused(
      `its certificate is not trusted (${name})`,
      'name its authority with ?sslrootcert=<file> in DATABASE_URL',
    );
  const known = REFUSALS[name];
  if (known !== undefined) return refused(known[0], known[1]);
  // A pooler puts its refusals and its troubles under one code (PgBouncer: 08P01), so only the words tell.
  if (/^(no such (database|user)|.*authentication failed)/.test(message))
    return refused(`it answers "${message}"`, 'correct DATABASE_URL');
  if (isUnavailable(error) || PASSING.test(message) || name === 'ENOENT')
    return { kind: 'waiting', why: phraseOf(error) };
  return refused(`it answers "${message}"`, 'correct DATABASE_URL');
}

/** Messages of `pg` that come without a code. */
const PASSING = /^(timeout expired|Query read timeout|Connection terminated)/;

const PHRASES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOENT: 'its socket is not there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up',
  ECONNRESET: 'it breaks the connection',
  EPIPE: 'it breaks the connection',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
};

function phraseOf(error: unknown): string {
  const { code, message, errors } = error as {
    readonly code?: string;
    readonly message: string;
    readonly errors?: readonly unknown[];
  };
  const known = PHRASES[code ?? ''];
  if (known !== undefined) return known;
  if (message === '' && errors?.[0] !== undefined) return phraseOf(errors[0]); // The name has several addresses, and each of them failed.
  if (/timeout/i.test(message)) return `it does not answer within ${ANSWER_WITHIN_MS / 1_000} s`;
  if (message.startsWith('Connection terminated')) return 'it breaks the connection';
  return `it answers "${message}"`;
}
