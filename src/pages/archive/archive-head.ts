import { randomUUID } from 'node:crypto';

/** Named fields of a WARC record. */
export type WarcFields = readonly (readonly [name: string, value: string])[];

const VERSION = 'WARC/1.1';

/** A new id of a record, with its brackets. */
export const newRecordId = (): string => `<urn:uuid:${randomUUID()}>`;

/** A record of `application/warc-fields`, whole: what the archive says about itself. */
export function fieldsRecord(type: 'warcinfo' | 'metadata', head: WarcFields, content: WarcFields): Buffer {
  const block = linesOf(content);
  const lines = [VERSION, `WARC-Type: ${type}`, `WARC-Date: ${new Date().toISOString()}`].join('\r\n');
  const more: WarcFields = [
    ...head,
    ['Content-Type', 'application/warc-fields'],
    ['Content-Length', String(Buffer.byteLength(block))],
  ];
  return Buffer.from(`${lines}\r\n${linesOf(more)}\r\n${block}\r\n\r\n`);
}

const linesOf = (fields: WarcFields): string => fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');

/** The head of a stored record with these fields, in place of those of the same names that it has. */
export function withFields(head: Buffer, fields: WarcFields): Buffer {
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  const lines = head.toString('utf8').trimEnd().split('\r\n');
  const kept = lines.filter((line) => !names.has(line.slice(0, Math.max(line.indexOf(':'), 0)).toLowerCase()));
  return Buffer.from(`${kept.join('\r\n')}\r\n${linesOf(fields)}\r\n`);
}
