import { usageError } from './cli-error';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The last 16 bits of an id tell a batch from a job. */
export const isBatch = (id: string): boolean => /ffff$/i.test(id);

/** Takes an id as it is printed, or the end of an address of the service: `http://…/jobs/<id>`. @throws CliError for anything else */
export function idOf(text: string): string {
  const id = text
    .replace(/[?#].*$/, '')
    .replace(/\/(results|body|events|jobs|archive\.warc\.gz)?$/, '')
    .replace(/^.*\//, '');
  if (!UUID.test(id))
    throw usageError(`an id is like 01994f3c-6f2b-7a41-8d05-e17b90c2ffff, not ${JSON.stringify(text)}.`);
  return id.toLowerCase();
}

/** @throws CliError when the id is that of a job */
export function batchIdOf(text: string): string {
  const id = idOf(text);
  if (!isBatch(id)) throw usageError(`${id} is the id of a job; the id of a batch ends with ffff.`);
  return id;
}

/** @throws CliError when the id is that of a batch */
export function jobIdOf(text: string): string {
  const id = idOf(text);
  if (isBatch(id)) throw usageError(`${id} is the id of a batch; "everfetch list ${id}" shows its jobs.`);
  return id;
}
