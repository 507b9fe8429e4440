import type { BatchObject } from '../../api/types';
import { shortId } from '../../format/texts';

const MARK_LENGTH = 5;

/** What a batch is called: its name, or the end of its id without the mark that all batches have in common. */
export const batchTitle = ({ id, name }: Pick<BatchObject, 'id' | 'name'>): string =>
  name ?? `Batch ${shortId(id.slice(0, -MARK_LENGTH + 1))}`;
