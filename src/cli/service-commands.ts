/** A command of the service itself, which `src/bin/everfetch.ts` runs with its own modules. */
export interface ServiceCommand {
  readonly name: string;
  readonly usage?: string;
  readonly summary: string;
}

/** They are in this table so that help, completion and documentation know them, too. */
export const serviceCommands: readonly ServiceCommand[] = [
  {
    name: 'start',
    summary: 'run the whole service on this machine (with embedded PostgreSQL and Temporal by default)',
  },
  { name: 'api', summary: 'run the HTTP API alone (DATABASE_URL and TEMPORAL_ADDRESS must be set)' },
  { name: 'worker', summary: 'run a worker alone (DATABASE_URL and TEMPORAL_ADDRESS must be set)' },
  { name: 'demo', usage: '[--keep]', summary: 'run the service, a shop that misbehaves, and 300 URLs' },
  {
    name: 'doctor',
    usage: '[options]',
    summary: 'check the installation and what is around it, and say how to mend it',
  },
  { name: 'keys', usage: 'create|list|revoke|secret', summary: 'make, list and revoke API keys in the database' },
  {
    name: 'temporal',
    usage: 'setup',
    summary: 'add what the list of workflows can be filtered by to the Temporal of TEMPORAL_ADDRESS',
  },
  { name: 'verify', usage: '[options]', summary: 'read every stored page, and name damaged and missing ones' },
];
