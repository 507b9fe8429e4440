import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { CliError, fileError } from '../cli-error';
import { syncFolderOf } from './durable-file';

/** A file that grows, and whose length is noted elsewhere. */
export class AppendedFile {
  readonly path: string;
  readonly #file: FileHandle;
  #length: number;
  #isDurable = true;
  /** Whether a file that should be there was not. */
  readonly isAnew: boolean;

  private constructor(path: string, file: FileHandle, { length, isAnew }: { length: number; isAnew: boolean }) {
    this.path = path;
    this.#file = file;
    this.#length = length;
    this.isAnew = isAnew;
  }

  /**
   * Opens the file and cuts off what is beyond its noted length, which a run that was killed has left.
   * @throws CliError when it is shorter than that: somebody else has changed it
   */
  static async open(path: string, noted: number): Promise<AppendedFile> {
    try {
      const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
      try {
        const { size } = await file.stat();
        const isAnew = size === 0 && noted > 0;
        if (size < noted && !isAnew)
          throw new CliError(
            'file',
            `${path} has ${size} bytes and not the ${noted} that were written: something else has changed it. ` +
              'Remove it, and the same command writes all of it again; nothing is submitted again.',
          );
        const length = isAnew ? 0 : noted;
        if (size > length) await file.truncate(length);
        return new AppendedFile(path, file, { length, isAnew });
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (error) {
      throw fileError('the results cannot be written to', path, error);
    }
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#length + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw fileError('the results cannot be written to', this.path, error);
    }
    this.#length += bytes.length;
    this.#isDurable = false;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes back what has been appended beyond a length. */
  async cutTo(length: number): Promise<void> {
    await this.#file.truncate(length);
    this.#length = length;
  }

  /** @returns the length, once it is durable */
  async sync(): Promise<number> {
    const length = this.#length;
    if (this.#isDurable) return length;
    try {
      await this.#file.datasync();
      this.#isDurable = this.#length === length;
    } catch (error) {
      throw fileError('the results cannot be written to', this.path, error);
    }
    return length;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Makes the name durable. It is called once, before anything is noted about the file. */
  async syncName(): Promise<void> {
    await syncFolderOf(this.path);
  }
}
