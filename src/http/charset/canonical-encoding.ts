import { LABELS } from './encodings/encoding-data';

const names = new Map(
  Object.entries(LABELS).flatMap(([name, labels]) => labels.split(' ').map((label) => [label, name] as const)),
);

/**
 * Name that the Encoding Standard gives to a label (§4.2), in lower case: `latin1` is `windows-1252`, `unicode` is `utf-16le`.
 * Undefined for unknown labels, and for those of the encoding `replacement`, which shows no text.
 */
export const canonicalEncoding = (label: string | undefined): string | undefined =>
  label === undefined ? undefined : names.get(label.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase());
