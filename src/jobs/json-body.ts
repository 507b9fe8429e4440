/** How a page that is JSON stands in `response.body`: as the JSON value it is, or as text. */
export const jsonBodies = ['object', 'text'] as const;
export type JsonBody = (typeof jsonBodies)[number];

/**
 * JSON that nests deeper stays a text. Parsers give up on what is too deep, and then the whole job object is lost to the client:
 * PHP's `json_decode` at 512 levels, Python's at about 1,000 (measured with 3.11); two of them are the job object's own.
 */
export const MAX_JSON_DEPTH = 500;

/** The parameters of a job that decide about it. */
export interface JsonBodyParams {
  readonly json_body?: JsonBody | null | undefined;
  readonly output_format?: string | null | undefined;
}

/**
 * Decides for one job. The parameter counts most; who asked for text or markdown gets a text, whatever the page is.
 * @param byDefault the setting `JSON_BODIES`
 */
export function jsonBodyOf({ json_body: asked, output_format: format }: JsonBodyParams, byDefault: JsonBody): JsonBody {
  return asked ?? (format === 'text' || format === 'markdown' ? 'text' : byDefault);
}
