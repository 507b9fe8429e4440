import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { ApiError, EverfetchError } from '../client';

/** The answer of a tool; what the service refuses becomes an answer that says so. */
export async function explained(answer: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof EverfetchError)) throw error;
    return { content: [{ type: 'text', text: sentenceOf(error) }], isError: true };
  }
}

function sentenceOf(error: EverfetchError): string {
  if (!(error instanceof ApiError)) return `${error.message} Is EVERFETCH_URL right?`;
  const details = error.details.slice(1, 10).map(({ path, message }) => `${path}: ${message}.`);
  const hint = error.status === 401 ? ['Set EVERFETCH_API_KEY to a key of this installation.'] : [];
  return [`${error.code}: ${error.message}`, ...details, ...hint].join(' ');
}
