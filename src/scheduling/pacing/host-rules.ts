import type { HostRule, HostRuleEntry } from './parse-host-rules';

/** Hosts whose rule is cached. A crawl meets the same hosts again and again, but also ever new ones. */
const KEPT = 10_000;

/** The owner's rules for hosts. Each limit of a host comes from the most specific entry that has one. */
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

  /** Whether robots.txt is obeyed for at least one host. */
  get mentionsRobots(): boolean {
    return [...this.#exact.values(), ...this.#below.values()].some(({ obeysRobots }) => obeysRobots === true);
  }

  /** Returns the rule of a host. @param host in lower case, without a dot at the end */
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

/** The host and its parent domains: `a.b.c`, `b.c`, `c` and the empty text, which stands for all hosts. */
function suffixesOf(host: string): readonly string[] {
  const isName = /[a-z]/.test(host) && !host.includes(':');
  const labels = isName ? host.split('.') : [host]; // an address has no parent domains
  return [...labels.map((_, index) => labels.slice(index).join('.')), ''];
}
