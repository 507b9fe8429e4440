export interface TestFile {
  readonly path: string;
  readonly needsServers: boolean;
  readonly isUnit: boolean;
  readonly isPlatform: boolean;
}
/** The paths of the modules through which tests get at servers. */
export const SERVERS: readonly string[];
/** The paths of test files that need none, but take long. */
export const LONG: readonly string[];
/** The paths of test files and folders whose behaviour depends on the version of Node.js. */
export const PLATFORM: readonly string[];
export function needsServers(path: string): boolean;
export function testFiles(): TestFile[];
