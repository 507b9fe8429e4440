import type { HostRules } from './host-rules';

/** A longer delay is cut to this. A site that wants to be left alone has better ways to say so in its robots.txt. */
const MAX_CRAWL_DELAY_MS = 60_000;
const MAX_CRAWL_DELAYS = 10_000;

/** How often hosts may be asked: by the owner's rules, and by what their robots.txt files ask for. */
export class HostPaces {
  readonly #rules: HostRules;
  /** What robots.txt files ask for, ms; the oldest first. */
  readonly #crawlDelays = new Map<string, number>();

  constructor(rules: HostRules) {
    this.#rules = rules;
  }

  /** Most fetches in flight that the host may have. */
  concurrencyOf(host: string, usual: number): number {
    return this.#rules.isEmpty ? usual : (this.#rules.of(host).concurrency ?? usual);
  }

  /** Time between two requests (ms); 0: no pace. */
  intervalOf(host: string): number {
    const asked = this.#crawlDelays.size === 0 ? 0 : (this.#crawlDelays.get(host) ?? 0);
    return this.#rules.isEmpty ? asked : Math.max(this.#rules.of(host).intervalMs ?? 0, asked);
  }

  /** @param delayMs undefined when the host's robots.txt asks for nothing (any more) */
  setCrawlDelay(host: string, delayMs: number | undefined): void {
    this.#crawlDelays.delete(host);
    if (delayMs === undefined || delayMs <= 0) return;
    this.#crawlDelays.set(host, Math.min(delayMs, MAX_CRAWL_DELAY_MS));
    const [oldest] = this.#crawlDelays.keys();
    if (this.#crawlDelays.size > MAX_CRAWL_DELAYS && oldest !== undefined) this.#crawlDelays.delete(oldest);
  }
}
