/** A name of the API for people: `failed_due_to_timeout` becomes `failed due to timeout`. */
export const spoken = (name: string): string => name.replaceAll(/[_-]/g, ' ');

/** The end of an id, which is what differs between ids that are made at the same time. */
export const shortId = (id: string): string => `…${id.slice(-8)}`;

/** A URL without its scheme, for lists. What is no URL is shown as it is. */
export const bareUrl = (url: string): string => url.replace(/^https?:\/\//i, '').replace(/\/$/, '');

/** What fits in `max` characters; the middle is left out, because the ends of URLs say most. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.ceil((max - 1) * 0.6);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`;
}
