import type { Logger } from './logger';

/** Takes the key whose parameters were left out, and their names. */
export type NoteIgnored = (apiKeyId: string, params: readonly string[]) => void;

/** Pairs of key and parameter that are remembered; the oldest is forgotten first, and may be logged again. */
const MAX_REMEMBERED = 10_000;

/** Logs once per key and parameter that a parameter is left out, so that owners learn which missing features are asked for. */
export function createNoteIgnored(logger: Logger): NoteIgnored {
  const noted = new Set<string>();
  return (apiKeyId, params) => {
    for (const param of params) {
      const pair = `${apiKeyId} ${param}`;
      if (noted.has(pair)) continue;
      for (const oldest of noted) {
        if (noted.size < MAX_REMEMBERED) break;
        noted.delete(oldest);
      }
      noted.add(pair);
      logger.warn(
        { api_key_id: apiKeyId, param },
        'a parameter is left out, because this server has not been given what it needs (MISSING_FEATURES=ignore)',
      );
    }
  };
}
