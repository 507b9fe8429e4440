/** A part of a path. */
export const seg = encodeURIComponent;

export const jobPath = (id: string, rest = ''): string => `/jobs/${seg(id)}${rest}`;

export const batchPath = (id: string, rest = ''): string => `/batches/${seg(id)}${rest}`;
