import { promises } from 'node:dns';
import type { RecordWithTtl } from 'node:dns';
import { MAX_ADDRESSES } from './dns-answer';
import type { DnsAnswer } from './dns-answer';

export interface NameServerQuery {
  readonly name: string;
  /** `ip`, `ip:port` or `[ip]:port`. */
  readonly server: string;
  readonly timeoutMs: number;
  /** Whether IPv6 addresses come first in the answer. */
  readonly prefersIpv6: boolean;
  readonly signal: AbortSignal;
}

/**
 * Time that one family has left once the other has answered with addresses (RFC 8305 §3, "Resolution Delay"): there are name servers that never
 * answer a question for AAAA.
 */
const OTHER_FAMILY_MS = 50;
/** An answer that lacks a family is asked for again soon. */
const KEPT_IN_PART_MS = 10_000;

/** What the server said of one family: its records, `none`, or the code of an error. */
type FamilyAnswer = readonly RecordWithTtl[] | 'none' | { readonly reason: string };

/**
 * Asks one name server for the addresses of a name, both families at a time. Never rejects. CNAMEs are followed by c-ares, which gives the
 * shortest TTL of the chain (measured, c-ares 1.34), and a truncated answer is asked for again over TCP.
 *
 * Each query has a c-ares channel of its own, which takes 50 µs. One for all would be wrong in three ways (measured, Node 20.20): it derives
 * its time-outs from how fast the server has been, and gives up after a second on a name that takes two; it drops the late answer to what it
 * has asked again; and its one socket overflows when hundreds of answers come at once.
 */
export async function askNameServer(query: NameServerQuery): Promise<DnsAnswer> {
  const { name, server, timeoutMs, signal } = query;
  if (signal.aborted) return { kind: 'unanswered', reason: 'ECANCELLED' };
  const resolver = new promises.Resolver({ timeout: timeoutMs, tries: 1 });
  try {
    resolver.setServers([server]);
  } catch {
    return { kind: 'unanswered', reason: 'EBADSERVER' }; // The system may name what c-ares does not take.
  }
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  let timer: NodeJS.Timeout | undefined;
  try {
    const v4 = familyAnswer(resolver.resolve4(name, { ttl: true }));
    const v6 = familyAnswer(resolver.resolve6(name, { ttl: true }));
    const isEnough = (answer: FamilyAnswer) => Array.isArray(answer);
    const first = await Promise.race([v4, v6]);
    const late: FamilyAnswer = { reason: 'ETIMEOUT' };
    const tooLate = new Promise<FamilyAnswer>((resolve) => {
      if (isEnough(first)) timer = setTimeout(() => resolve(late), OTHER_FAMILY_MS);
    });
    // The second may be the one that has addresses; then nothing of the first is still awaited.
    const both = await Promise.all([Promise.race([v4, tooLate]), Promise.race([v6, tooLate])]);
    return combine(both, query.prefersIpv6);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    cancel(); // This closes the socket, also when one family is not awaited any more.
  }
}

async function familyAnswer(asking: Promise<readonly RecordWithTtl[]>): Promise<FamilyAnswer> {
  try {
    return await asking;
  } catch (error) {
    const { code = 'ESERVFAIL' } = error as NodeJS.ErrnoException;
    // EBADNAME: no packet can carry such a name, so no server knows it.
    return ['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes(code) ? 'none' : { reason: code };
  }
}

function combine([v4, v6]: readonly [FamilyAnswer, FamilyAnswer], prefersIpv6: boolean): DnsAnswer {
  const failed = [v4, v6].filter((answer) => typeof answer === 'object' && 'reason' in answer);
  const found4 = recordsOf(v4, 4);
  const found6 = recordsOf(v6, 6);
  const found = prefersIpv6 ? [...found6, ...found4] : [...found4, ...found6];
  if (found.length > 0) {
    const ttlMs = 1_000 * Math.min(...found.map(({ ttl }) => ttl));
    return {
      kind: 'addresses',
      addresses: found.map(({ address, family }) => ({ address, family })),
      ttlMs: failed.length > 0 ? Math.min(ttlMs, KEPT_IN_PART_MS) : ttlMs,
    };
  }
  const [trouble] = failed;
  return trouble === undefined ? { kind: 'unknown' } : { kind: 'unanswered', reason: trouble.reason };
}

function recordsOf(answer: FamilyAnswer, family: 4 | 6) {
  if (!Array.isArray(answer)) return [];
  const records: readonly RecordWithTtl[] = answer;
  return records.slice(0, MAX_ADDRESSES).map(({ address, ttl }) => ({ address, family, ttl }));
}
