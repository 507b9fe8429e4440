/** A URL that may be shown in logs and errors: without credentials, query and fragment values. */
export function redactUrl(text: string): string {
  try {
    const url = new URL(text);
    return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
  } catch {
    return '[not a URL]';
  }
}
