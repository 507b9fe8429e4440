import type { Config } from '../config/config';
import type { Features } from '../jobs/features';
import type { Role } from './shared-parts';

export interface GreetingOptions {
  readonly config: Config;
  readonly roles: readonly Role[];
  readonly generatedKey: string | undefined;
  readonly notices: readonly string[];
  /** Sentence that says whether pages can be rendered; undefined when the process is no worker. */
  readonly rendering: string | undefined;
  /** Features that this process offers; undefined when it is no worker. */
  readonly features: Features | undefined;
  /** Worker processes of this start; 0 when it is no worker. */
  readonly workers: number;
}

const KEY_VARIABLE = 'EVERFETCH_API_KEY';

/** Text that a start prints: addresses, the key if it is new, and commands that work when pasted. */
export function greeting({
  config,
  roles,
  generatedKey,
  notices,
  rendering,
  features,
  workers,
}: GreetingOptions): string {
  const url = config.http.publicUrl;
  const lines = ['', 'everfetch is running.', ''];
  const { uiUrl, namespace } = config.temporal;
  if (roles.includes('api')) lines.push(`  Dashboard    ${url}/`, `  API          ${url}`);
  if (uiUrl !== undefined) lines.push(`  Temporal UI  ${uiUrl}/namespaces/${namespace}/workflows`);
  lines.push(`  Data         ${config.dataDir}`, ...notices.map((notice) => `               ${notice}`));
  if (workers > 1)
    lines.push(
      `  Workers      ${workers} processes, each of some 300 MB of memory and at most 1 GB (conversions apart)`,
    );
  if (features !== undefined)
    lines.push(`  Rendering    ${rendering ?? 'no'}`, `  Proxies      ${proxiesLine(features)}`);
  lines.push('');
  const isApi = roles.includes('api');
  // The first process to start makes the key, and only that one ever shows it.
  if (isApi || generatedKey !== undefined) lines.push(...keyLines(config.apiKey, generatedKey));
  if (isApi) lines.push(...curlLines(url));
  lines.push('Press Ctrl-C to stop.', '');
  return lines.join('\n');
}

function proxiesLine({ proxies }: Features): string {
  const tiers = [...new Set(proxies.map(({ tier }) => tier))];
  return tiers.length === 0 ? "none: pages are fetched from this machine's address" : tiers.join(', ');
}

function keyLines(ownKey: string | undefined, generatedKey: string | undefined): string[] {
  if (generatedKey !== undefined)
    return ['Your API key (stored hashed, shown only this once):', '', `  export ${KEY_VARIABLE}=${generatedKey}`, ''];
  const which =
    ownKey === undefined
      ? 'the one printed at the first start ("npx everfetch keys create <name>" makes another)'
      : 'the one in API_KEY';
  return [`Your API key is ${which}:`, '', `  export ${KEY_VARIABLE}='<your key>'`, ''];
}

function curlLines(url: string): string[] {
  const key = `"apiKey": "'"$${KEY_VARIABLE}"'"`;
  const show = `printf '%s\\n' "$answer"`; // `echo` of some shells would change the answer
  const submit = `curl -s ${url}/jobs -d '{${key}, "url": "https://example.com/"}'`;
  return [
    'Then, for example, a page, which is shown when it is there:',
    '',
    `  answer=$(${submit}); ${show}`,
    `  job=$(${show} | sed 's/.*"statusUrl":"\\([^"]*\\)".*/\\1/')`,
    `  while curl -s "$job" | grep -q '"attempts":[0-9]*,"status":"running"'; do sleep 1; done; curl -s "$job"`,
    '',
    'And two pages as a batch, which the header X-Batch-Id of the answer names:',
    '',
    `  answer=$(curl -si ${url}/batchjobs -d '{${key}, "urls": ["https://example.com/", "https://www.iana.org/"]}'); ${show}`,
    `  batch=$(${show} | sed -n 's/^X-Batch-Id: \\([-0-9a-f]*\\).*/\\1/p')`,
    `  curl -s ${url}/batches/$batch -H "x-api-key: $${KEY_VARIABLE}"`,
    '',
  ];
}
