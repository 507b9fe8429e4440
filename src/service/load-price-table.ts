import { ConfigError } from '../config/config';
import { problemsIn } from '../config/config-problem';
import { PriceTableError, createPriceList, parsePriceTable } from '../jobs/prices';
import type { PriceList } from '../jobs/prices';
import { readSettingFile } from './read-setting-file';

/**
 * The prices of this installation: the default table, with what the owner's file changes.
 * @param file undefined when the owner has none
 * @throws ConfigError naming the file and the path of everything that is wrong in it
 */
export async function loadPriceList(file: string | undefined): Promise<PriceList> {
  if (file === undefined) return createPriceList();
  const text = await readSettingFile('PRICE_FILE', file);
  try {
    return createPriceList(parsePriceTable(text));
  } catch (error) {
    if (!(error instanceof PriceTableError)) throw error;
    const lines = error.problems.map(({ path, message }) => `${path === '' ? 'the table' : path} ${message}`);
    throw new ConfigError(problemsIn('PRICE_FILE', file, lines), { cause: error });
  }
}
