import type { HostRules } from './host-rules';

/** Longest delay of a robots.txt that is obeyed in full (ms). A site that wants no visits has better ways to say so there. */
const MAX_CRAWL_DELAY_MS = 60_000;
const MAX_CRAWL_DELAYS = 10_000;

/** Paces of hosts, from the owner's rules and from their robots.txt files. */
export class HostPaces {
  readonly #rules: HostRules;
  /** Delays that robots.txt files ask for (ms), the oldest first. */
  readonly #crawlDelays = new Map<string, number>();

  constructor(rules: HostRules) {
    this.#rules = rules;
  }

  /** Most fetches in flight that the host may have. */
  concurrencyOf(host: string, usual: number): number {
    return this.#rules.isEmpty ? usual : (this.#rules.of(host).concurrency ?? usual);
  }

  /** Time between two requests (ms); 0 for no pace. */
  intervalOf(host: string): number {
    const asked = this.#crawlDelays.size === 0 ? 0 : (this.#crawlDelays.get(host) ?? 0);
    return this.#rules.isEmpty ? asked : Math.max(this.#rules.of(host).intervalMs ?? 0, asked);
  }

  /** Sets the delay that a host's robots.txt asks for. @param delayMs undefined when it asks for none (any more) */
  setCrawlDelay(host: string, delayMs: number | undefined): void {
    this.#crawlDelays.delete(host);
    if (delayMs === undefined || delayMs <= 0) return;
    this.#crawlDelays.set(host, Math.min(delayMs, MAX_CRAWL_DELAY_MS));
    const [oldest] = this.#crawlDelays.keys();
    if (this.#crawlDelays.size > MAX_CRAWL_DELAYS && oldest !== undefined) this.#crawlDelays.delete(oldest);
  }
}
