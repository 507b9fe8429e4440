/** One queue per kind of work, so a single URL never waits behind 50,000 and a slow receiver takes no scrape slot. */
export interface TaskQueues {
  readonly jobs: string;
  readonly sweeps: string;
  readonly webhooks: string;
  /** Fetches that need a browser. Only workers that have one poll this queue. */
  readonly render: string;
  readonly renderSweeps: string;
}

/** Names of the queues. @param prefix differs between installations in one namespace; workflows rely on the ending `-<kind>` */
export const taskQueues = (prefix = 'everfetch'): TaskQueues => ({
  jobs: `${prefix}-jobs`,
  sweeps: `${prefix}-sweeps`,
  webhooks: `${prefix}-webhooks`,
  render: `${prefix}-render`,
  renderSweeps: `${prefix}-rendersweeps`,
});
