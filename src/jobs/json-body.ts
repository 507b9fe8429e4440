/** How a page that is JSON is given in `response.body`: as the JSON value itself, or as text. */
export const jsonBodies = ['object', 'text'] as const;
export type JsonBody = (typeof jsonBodies)[number];

/**
 * JSON that nests deeper than this stays text, because the client's parser would fail on the whole job object: PHP's `json_decode`
 * stops at 512 levels, Python's at about 1,000 (measured with 3.11). Two of the levels are those of the job object.
 */
export const MAX_JSON_DEPTH = 500;

/** The parameters of a job that decide how JSON is given. */
export interface JsonBodyParams {
  readonly json_body?: JsonBody | null | undefined;
  readonly output_format?: string | null | undefined;
}

/**
 * Decides for one job. Its parameter wins over the setting; `output_format` text and markdown always give text.
 * @param byDefault the setting `JSON_BODIES`
 */
export function jsonBodyOf({ json_body: asked, output_format: format }: JsonBodyParams, byDefault: JsonBody): JsonBody {
  return asked ?? (format === 'text' || format === 'markdown' ? 'text' : byDefault);
}
