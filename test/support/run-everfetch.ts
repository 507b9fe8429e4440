import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { EVERFETCH_BIN, createInstallation } from './everfetch-process';
import type { Installation } from './everfetch-process';

export type Env = Readonly<Record<string, string>>;

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An installation whose first start makes its own API key. */
export async function createKeylessInstallation(): Promise<Installation> {
  const { env, ...rest } = await createInstallation();
  const { API_KEY: _own, ...withoutKey } = env;
  return { ...rest, env: withoutKey };
}

/**
 * `everfetch <args>` until it ends.
 * @param env the whole environment
 * @param options.uid another user than ours
 * @param options.cwd another folder than ours
 */
export async function runEverfetch(
  args: readonly string[],
  env: Env,
  { uid, cwd }: { readonly uid?: number | undefined; readonly cwd?: string } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [EVERFETCH_BIN, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
    ...(cwd !== undefined && { cwd }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** One line that begins and ends as a sentence, no stack, no secret, and nothing made in the data folder. */
export function expectSentence(
  { code, stdout, stderr }: Run,
  expected: { readonly code: number; readonly says: readonly string[]; readonly dataDir: string },
): void {
  expect(stderr).toMatch(/^everfetch: \S[^\n]*\.\n$/);
  expect(stderr).not.toMatch(/ {4}at |secret/);
  for (const text of expected.says) expect(stderr).toContain(text);
  expect({ code, stdout }).toEqual({ code: expected.code, stdout: '' });
  expect(existsSync(expected.dataDir)).toBe(false);
}
