/** A URL that no job has: its row only stands for a job that has been forgotten, so that no late attempt makes it anew. */
export const NO_URL = '';

/** Whether a row only stands for a job that has been forgotten. */
export const isForgotten = ({ url }: { readonly url: string }): boolean => url === NO_URL;
