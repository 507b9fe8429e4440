import { Router } from 'express';
import type { Request } from 'express';
import { answerMcp } from '../../mcp/answer-mcp';
import { assertKnown } from '../checked-input';
import { authenticate, sentApiKey } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { ProblemError } from '../problem';
import { endSignal } from '../stream-answer';

export interface McpRouteDeps {
  readonly findApiKey: FindApiKey;
  /** The version of the service. */
  readonly version: string;
}

/** Serves `POST /mcp`: the Model Context Protocol over HTTP, without sessions and so without the stream that GET would open. */
export function mcpRouter({ findApiKey, version }: McpRouteDeps): Router {
  const router = Router();

  router.post('/mcp', async (req, res) => {
    await authenticate(req, res, findApiKey);
    assertKnown({ query: req.query, body: undefined }, {});
    const signal = endSignal(res);
    const answer = await answerMcp({
      url: ownUrl(req),
      apiKey: sentApiKey(req) ?? '',
      version,
      message: req.body as unknown,
      protocolVersion: req.get('mcp-protocol-version'),
      signal,
    }).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      if ((error as Error).name !== 'McpSdkMissingError') throw error;
      throw new ProblemError('feature_not_configured', `${(error as Error).message}.`, { cause: error });
    });
    if (answer === undefined) return;
    res.status(answer.status).type(answer.headers.get('content-type') ?? 'application/json');
    res.send(await answer.text());
  });

  // Clients that ask for the stream go on without it after a 405 (MCP, "Listening for messages from the server").
  router.all('/mcp', () => {
    throw new ProblemError('method_not_allowed', 'MCP is spoken here with POST.', { headers: { Allow: 'POST' } });
  });
  return router;
}

/** The address at which this connection has reached us: whatever HOST, PUBLIC_URL and proxies are, we listen there. */
function ownUrl({ socket: { localAddress = '127.0.0.1', localPort = 0 } }: Request): string {
  return `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}
