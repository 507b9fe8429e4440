export interface HostCount {
  readonly host: string;
  readonly urls: number;
  readonly exampleUrl: string;
}

/** The hosts of URLs with how many each has, the most frequent first. URLs whose host cannot be told are left out. */
export function hostsOf(urls: Iterable<string>): readonly HostCount[] {
  const byHost = new Map<string, { host: string; urls: number; exampleUrl: string }>();
  for (const url of urls) {
    const host = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url)?.[1]?.toLowerCase();
    if (host === undefined) continue;
    const known = byHost.get(host);
    if (known === undefined) byHost.set(host, { host, urls: 1, exampleUrl: url });
    else known.urls += 1;
  }
  return [...byHost.values()].sort((one, other) => other.urls - one.urls);
}
