import type { HostRule, HostRuleEntry } from './parse-host-rules';

/** Answers that are kept: a crawl meets the same hosts again and again, and no end of them. */
const KEPT = 10_000;

/** The owner's rules, ready to be asked: each limit of a host is that of the most specific entry which has one. */
export class HostRules {
  readonly #exact = new Map<string, HostRule>();
  readonly #below = new Map<string, HostRule>();
  readonly #known = new Map<string, HostRule>();

  constructor(entries: readonly HostRuleEntry[]) {
    for (const { host, isForSubdomains, rule } of entries)
      (isForSubdomains ? this.#below : this.#exact).set(host, rule);
  }

  get isEmpty(): boolean {
    return this.#exact.size === 0 && this.#below.size === 0;
  }

  /** whether robots.txt counts for some host at least. */
  get mentionsRobots(): boolean {
    return [...this.#exact.values(), ...this.#below.values()].some(({ obeysRobots }) => obeysRobots === true);
  }

  /** @param host lower case, without a dot at the end */
  of(host: string): HostRule {
    const known = this.#known.get(host);
    if (known !== undefined) return known;
    const rule = this.#find(host);
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(host, rule);
    return rule;
  }

  #find(host: string): HostRule {
    const rules = [this.#exact.get(host), ...suffixesOf(host).map((suffix) => this.#below.get(suffix))];
    const first = <K extends keyof HostRule>(key: K): HostRule[K] =>
      rules.find((rule) => rule?.[key] !== undefined)?.[key];
    return { intervalMs: first('intervalMs'), concurrency: first('concurrency'), obeysRobots: first('obeysRobots') };
  }
}

/** `a.b.c`, `b.c`, `c` and the empty one, which stands for all hosts. */
function suffixesOf(host: string): readonly string[] {
  const isName = /[a-z]/.test(host) && !host.includes(':');
  const labels = isName ? host.split('.') : [host]; // the parts of an address mean nothing by themselves
  return [...labels.map((_, index) => labels.slice(index).join('.')), ''];
}
