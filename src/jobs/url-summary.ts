/** A static summary is cut to 400 bytes by the Temporal server. */
const SUMMARY_BYTES = 400;

/** A URL as the Web UI shows it: cut to what fits, never inside a character. */
export function urlSummary(url: string): string {
  if (Buffer.byteLength(url) <= SUMMARY_BYTES) return url;
  const cut = Buffer.from(url).subarray(0, SUMMARY_BYTES - 3);
  return `${cut.toString('utf8').replace(/\ufffd*$/, '')}…`;
}
