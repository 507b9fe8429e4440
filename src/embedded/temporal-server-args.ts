export interface TemporalServerArgs {
  readonly ip: string;
  readonly port: number;
  /** Port of the Web UI; undefined for none. */
  readonly uiPort: number | undefined;
  readonly namespace: string;
  /** Database file; undefined for a database in memory. */
  readonly databaseFile: string | undefined;
  readonly metricsPort: number;
  /** Keywords that workflows can be found by. The program adds them only to a namespace that it makes. */
  readonly keywords: readonly string[];
}

/** Pragmas of SQLite. WAL is durable with FULL only, so that power loss loses no acknowledged workflow. The cache is in KiB. */
const PRAGMAS = ['journal_mode=wal', 'synchronous=full', 'busy_timeout=5000', 'cache_size=-65536'];

/** Dynamic configuration. The default limits are for a shared cluster; here API, worker and server share one machine anyway. */
const DYNAMIC_CONFIG = {
  'system.enableActivityEagerExecution': true,
  'matching.enableFairness': true,
  'frontend.rps': 20_000,
  'frontend.namespaceRPS': 20_000,
  'frontend.namespaceCount': 4_000,
  'frontend.namespaceRPS.visibility': 200,
  'history.rps': 30_000,
  'matching.rps': 30_000,
  // One partition instead of 4 suffices in one process, and makes priority and fairness exact.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'worker.batcherRPS': 2_000,
} as const;

/** Command line of `temporal server start-dev`. */
export function temporalServerArgs(options: TemporalServerArgs): string[] {
  const { ip, port, uiPort, namespace, databaseFile, metricsPort, keywords } = options;
  return [
    ...['server', 'start-dev', '--ip', ip, '--port', String(port), '--metrics-port', String(metricsPort)],
    ...(uiPort === undefined
      ? ['--headless']
      : ['--ui-ip', ip, '--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    ...(databaseFile === undefined
      ? []
      : ['--db-filename', databaseFile, ...PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma])]),
    ...keywords.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
    ...['--log-level', 'warn', '--log-format', 'json'],
  ];
}
