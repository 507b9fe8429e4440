/** What the fetch pool asks before it starts a fetch. */
export interface HostGate {
  /**
   * `full`: the host has as many requests in flight as it may have, so one that ends makes room.
   * `later`: it is not its time. Then {@link HostListener.onOpen} is called when that may have changed.
   * @param usual requests in flight that a host may have when nothing else is said
   * @param waiting how many fetches the asker has for this host
   */
  ask(host: string, inFlight: number, usual: number, waiting: number): 'start' | 'full' | 'later';
  /** A fetch begins that was told `start`. */
  start(host: string): void;
  /** What is to be expected of a host; undefined when nothing holds it up. */
  delayOf(host: string): HostDelay | undefined;
  /** There may be several. */
  listen(listener: HostListener): void;
}

export interface HostDelay {
  /** Until the next request may be sent, as far as is known; 0: now. */
  readonly waitMs: number;
  /** Because it has asked for a rest, or because of its pace. */
  readonly reason: 'resting' | 'paced';
  /** Between two requests; 0 when there is no pace. */
  readonly intervalMs: number;
}

export interface HostListener {
  readonly onOpen: (host: string) => void;
  /** Nothing will be sent there for a while. */
  readonly onShut: (host: string, delay: HostDelay) => void;
}

/** A host is not to be asked now. Whoever wanted to comes back later; no attempt was made. */
export class HostBusyError extends Error {
  override readonly name = 'HostBusyError';
  readonly code = 'HOST_BUSY';
  readonly host: string;
  readonly reason: HostDelay['reason'] | 'crowded';
  readonly waitMs: number;
  readonly intervalMs: number;

  constructor(host: string, delay: Omit<HostDelay, 'reason'> & { readonly reason: HostBusyError['reason'] }) {
    super(`${host} is not to be asked now`);
    this.host = host;
    this.reason = delay.reason;
    this.waitMs = delay.waitMs;
    this.intervalMs = delay.intervalMs;
  }
}
