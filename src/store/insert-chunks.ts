import { CHUNK_URLS, batchMemberId, chunkPlaceOf } from '../jobs/job-id';
import type { NewBatch } from './batches';
import { arrayLiteral } from './database';
import type { Queryable } from './database';

/** Limits of one insert: 20 × 500 URLs, or options of so many characters. */
const CHUNKS_PER_INSERT = 20;
const OPTIONS_PER_INSERT = 4_000_000;
const COPIES_PER_INSERT = 10_000;

type Manifest = Pick<NewBatch, 'id' | 'urls' | 'prices' | 'clientIds' | 'lineOptions' | 'copiesOf'>;

interface Chunk {
  readonly number: number;
  readonly values: readonly unknown[];
  /** Characters of its line options. */
  readonly size: number;
}

/** Writes the manifest of a batch: a row per 500 URLs, and one per copy. */
export async function insertChunks(tx: Queryable, batch: Manifest): Promise<void> {
  let group: Chunk[] = [];
  let size = 0;
  const flush = async () => {
    if (group.length > 0) await insert(tx, batch.id, group);
    group = [];
    size = 0;
  };
  for (let number = 0; number * CHUNK_URLS < batch.urls.length; number++) {
    const chunk = chunkOf(batch, number);
    if (group.length === CHUNKS_PER_INSERT || size + chunk.size > OPTIONS_PER_INSERT) await flush();
    group.push(chunk);
    size += chunk.size;
  }
  await flush();
  await insertCopies(tx, batch);
}

function chunkOf({ urls, prices, clientIds, lineOptions, copiesOf }: Manifest, number: number): Chunk {
  const [from, to] = [number * CHUNK_URLS, (number + 1) * CHUNK_URLS];
  const options = lineOptions?.slice(from, to);
  const size = (options ?? []).reduce((sum, text) => sum + (text?.length ?? 0), 0);
  return {
    number,
    values: [
      urls.slice(from, to),
      prices.slice(from, to),
      literal(clientIds?.slice(from, to)),
      literal(options),
      literal(copiesOf?.slice(from, to)),
    ],
    size,
  };
}

/** Null when no URL of the chunk has a value, so that chunks without are as small as ever. */
const literal = (values: readonly (string | number | undefined)[] | undefined): string | null =>
  values?.some((value) => value !== undefined) === true ? arrayLiteral(values) : null;

async function insert(tx: Queryable, batchId: string, chunks: readonly Chunk[]): Promise<void> {
  const values: unknown[] = [batchId];
  const rows = chunks.map(({ number, values: columns }) => {
    const first = values.push(number, ...columns) - columns.length;
    const [urls, prices, clientIds, options, copies] = columns.map((_, index) => `$${first + index + 1}`);
    return `($1, $${first}, ${urls}::text[], ${prices}::int[], ${clientIds}::text[], ${options}::json[], ${copies}::int[])`;
  });
  await tx.query(
    `insert into batch_chunks (batch_id, number, urls, prices, client_ids, line_options, copies_of) values ${rows.join(', ')}`,
    values,
  );
}

async function insertCopies(tx: Queryable, { id, copiesOf = [] }: Manifest): Promise<void> {
  const copies = copiesOf.flatMap((original, index) => (original === undefined ? [] : [{ original, index }]));
  for (let from = 0; from < copies.length; from += COPIES_PER_INSERT) {
    const group = copies.slice(from, from + COPIES_PER_INSERT);
    await tx.query(
      `insert into batch_copies (batch_id, original_id, copy_id, chunk_number)
       select $1, * from unnest($2::uuid[], $3::uuid[], $4::int[])`,
      [
        id,
        arrayLiteral(group.map(({ original }) => batchMemberId(id, original))),
        arrayLiteral(group.map(({ index }) => batchMemberId(id, index))),
        arrayLiteral(group.map(({ index }) => chunkPlaceOf(index).chunk)),
      ],
    );
  }
}
