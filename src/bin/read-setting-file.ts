import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config';

/**
 * The text of a file that a setting names.
 * @throws ConfigError naming the setting and the file
 */
export async function readSettingFile(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${setting}: ${file} cannot be read (${code ?? 'unknown error'})`, { cause: error });
  }
}
