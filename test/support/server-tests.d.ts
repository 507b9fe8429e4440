export interface TestFile {
  readonly path: string;
  readonly needsServers: boolean;
}
/** The paths of the modules through which tests get at servers. */
export const SERVERS: readonly string[];
export function needsServers(path: string): boolean;
export function testFiles(): TestFile[];
