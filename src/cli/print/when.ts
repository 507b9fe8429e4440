/** A time of the API as people read it: to the second, in UTC. */
export const when = (at: string | undefined): string | undefined => at?.replace(/\.\d+Z$/, 'Z');

/** The same in a table, where something has to stand. */
export const whenOr = (at: string | undefined, instead = '-'): string => when(at) ?? instead;
