import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config/config';
import { configProblem } from '../config/config-problem';

/**
 * The text of a file that a setting names.
 * @throws ConfigError naming the setting and the file
 */
export async function readSettingFile(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const complaint = `which cannot be read (${code ?? 'unknown error'})`;
    throw new ConfigError([configProblem(setting, file, complaint)], { cause: error });
  }
}
