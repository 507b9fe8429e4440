import { components } from './components';
import type { Node } from './json-schema';
import { accountPaths } from './paths/account';
import { archivePaths } from './paths/archives';
import { batchPaths } from './paths/batches';
import { deliveryPaths } from './paths/deliveries';
import { hostPaths } from './paths/hosts';
import { keyPaths } from './paths/keys';
import { jobPaths } from './paths/jobs';
import { listPaths } from './paths/lists';
import { mcpPaths } from './paths/mcp';
import { overviewPaths } from './paths/overview';
import { receiverPaths } from './paths/receivers';
import { servicePaths } from './paths/service';
import { submissionPaths } from './paths/submissions';
import { synchronousPaths } from './paths/synchronous';
import { webhookPaths } from './paths/webhooks';

export interface OpenApiOptions {
  readonly version: string;
  /** Address of the service, without a slash at the end. */
  readonly publicUrl: string;
}

const description = `Fetches web pages until it succeeds. Clients of ScraperAPI's asynchronous jobs work here after changing the host name.

The API key goes as \`apiKey\` or \`api_key\` into the JSON body or the query, as header \`x-api-key\`, or as bearer token; the body counts first, then the query.

Errors of \`/jobs\` (without \`GET /jobs\`), \`/batchjobs\`, \`/?url=…\` and \`/account\` are \`{error, code, details}\`, those of all other routes problem details (RFC 9457). Codes are stable.`;

/** The HTTP surface as an OpenAPI 3.1 document, made from the schemas that check requests and describe answers. */
export function createOpenApi({ version, publicUrl }: OpenApiOptions): Node {
  return {
    openapi: '3.1.0',
    info: { title: 'everfetch', version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: publicUrl }],
    tags: ['Submissions', 'Jobs', 'Batches', 'Webhooks', 'Account', 'Keys', 'Service'].map((name) => ({ name })),
    paths: merged([
      submissionPaths(publicUrl),
      synchronousPaths(publicUrl),
      jobPaths(publicUrl),
      batchPaths(publicUrl),
      archivePaths(),
      listPaths(publicUrl),
      deliveryPaths(),
      webhookPaths(),
      receiverPaths(),
      hostPaths(),
      accountPaths(),
      overviewPaths(),
      keyPaths(),
      servicePaths(),
      mcpPaths(),
    ]),
    components: components(),
  };
}

/** Joins groups of paths. Two of them may have methods of the same path. */
function merged(groups: readonly Readonly<Record<string, Node>>[]): Record<string, Node> {
  const paths: Record<string, Node> = {};
  for (const [path, methods] of groups.flatMap((group) => Object.entries(group)))
    paths[path] = { ...paths[path], ...methods };
  return paths;
}
