import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isIP } from 'node:net';
import type { LookupAddress } from 'node:dns';
import { MAX_ADDRESSES } from './dns-answer';

/** Lists that block advertisers have some 5 MB. What stands behind this is not read. */
const MAX_BYTES = 16 * 1024 * 1024;
/** A change is noticed after at most this time. */
const CHECK_MS = 1_000;

export interface HostsFileOptions {
  /** @default the system's */
  readonly path?: string;
  /** ms, of a monotonic clock. @default performance.now */
  readonly now?: () => number;
}

/**
 * The system's hosts file, which counts more than any name server. It is looked at again while it is used, and read again when it has
 * changed. Both happen without libuv's threads: they take microseconds, while in the threads they would wait behind slow disk work.
 */
export class HostsFile {
  readonly #path: string;
  readonly #now: () => number;
  #checkAt = -Infinity;
  #version: string | undefined;
  #names: ReadonlyMap<string, readonly LookupAddress[]> = new Map();

  constructor({ path = systemHostsPath(), now = () => performance.now() }: HostsFileOptions = {}) {
    this.#path = path;
    this.#now = now;
  }

  /** @param name in lower case, without a dot at its end */
  addressesOf(name: string): readonly LookupAddress[] | undefined {
    if (this.#now() >= this.#checkAt) this.#check();
    return this.#names.get(name);
  }

  #check(): void {
    this.#checkAt = this.#now() + CHECK_MS;
    let file: number | undefined;
    try {
      file = openSync(this.#path, 'r');
      const { mtimeMs, size, ino, isFile } = statOf(file);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version) return;
      this.#names = isFile ? parseHosts(readStart(file, Math.min(size, MAX_BYTES))) : new Map();
      this.#version = version;
    } catch {
      // A machine without the file, or without the right to read it, has no such names.
      this.#names = new Map();
      this.#version = undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }
}

/** The addresses of each name, in the order of the file. Lines that are no entries are passed over. */
function parseHosts(text: string): ReadonlyMap<string, readonly LookupAddress[]> {
  const names = new Map<string, LookupAddress[]>();
  for (const line of text.split(/[\r\n]+/)) {
    const [address = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const alias of aliases) {
      const name = alias.toLowerCase().replace(/\.$/, '');
      const known = names.get(name) ?? [];
      if (known.length === 0) names.set(name, known);
      const isNew = known.every((each) => each.address !== address);
      if (isNew && known.length < MAX_ADDRESSES) known.push({ address, family });
    }
  }
  return names;
}

function statOf(file: number) {
  const stat = fstatSync(file);
  return { mtimeMs: stat.mtimeMs, size: stat.size, ino: stat.ino, isFile: stat.isFile() };
}

function readStart(file: number, bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) {
    const read = readSync(file, buffer, filled, bytes - filled, filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.toString('utf8', 0, filled);
}

function systemHostsPath(): string {
  return process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';
}
