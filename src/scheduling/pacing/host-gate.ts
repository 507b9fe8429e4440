/** Decides for the fetch pool which hosts may be asked now. */
export interface HostGate {
  /**
   * Decides whether a fetch may start. After a no, the host either has as many requests in flight as it may have, so one that ends makes
   * room, or its time has not come, and {@link HostListener.onOpen} is called when that may have changed.
   * @param usual requests in flight that a host without a rule may have
   * @param waiting number of fetches that the caller has for this host
   */
  mayStart(host: string, inFlight: number, usual: number, waiting: number): boolean;
  /** Notes that a fetch begins that `mayStart` has allowed. */
  start(host: string): void;
  /** Returns for how long a fetch to this host would have to wait; undefined when it would not. */
  delayOf(host: string): HostDelay | undefined;
  /** Adds a listener; there may be several. */
  listen(listener: HostListener): void;
}

export interface HostDelay {
  /** Time until the next request may be sent, as far as it is known (ms). */
  readonly waitMs: number;
  /** `resting`: the host has asked for a rest. `paced`: its pace does not allow more. */
  readonly reason: 'resting' | 'paced';
  /** Time between two requests; 0 when there is no pace. */
  readonly intervalMs: number;
}

export interface HostListener {
  readonly onOpen: (host: string) => void;
  /** Called when nothing may be sent to the host for a while. */
  readonly onShut: (host: string, delay: HostDelay) => void;
}

/** Thrown when the host must not be asked now. No attempt was made, and the caller has to come back later. */
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
