export interface TestFile {
  readonly path: string;
  readonly needsServers: boolean;
  readonly isUnit: boolean;
}
/** The paths of the modules through which tests get at servers. */
export const SERVERS: readonly string[];
/** The paths of test files that need none, but take long. */
export const LONG: readonly string[];
export function needsServers(path: string): boolean;
export function testFiles(): TestFile[];
