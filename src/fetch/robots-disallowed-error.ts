/** The site's robots.txt does not want the page to be fetched, and the owner obeys. Becomes the outcome `disallowed`. */
export class RobotsDisallowedError extends Error {
  override readonly name = 'RobotsDisallowedError';
  readonly host: string;

  constructor(host: string) {
    super(`robots.txt of ${host} does not allow it`);
    this.host = host;
  }
}
