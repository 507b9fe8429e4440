import type { Job, JobPage } from './api-types';

type NameIn<Union> = Union extends unknown ? keyof Union : never;
type ValueIn<Union, Name> = Union extends unknown ? (Name extends keyof Union ? Union[Name] : never) : never;

type Seen = Job | JobPage['items'][number];

/** A job in whatever state, asked for alone or in a list, for whoever shows one: what only some states have may be missing. */
export type AnyJob = Pick<Seen, keyof Seen> & {
  readonly [Name in Exclude<NameIn<Seen>, keyof Seen>]?: ValueIn<Seen, Name> | undefined;
};
