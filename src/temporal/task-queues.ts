/** One queue per kind of work, so a single URL never waits behind 50,000 and a slow receiver takes no scrape slot. */
export interface TaskQueues {
  readonly jobs: string;
  readonly sweeps: string;
  readonly webhooks: string;
  /** Fetches by a browser, of single jobs and in sweeps: only workers that have one take them. */
  readonly render: string;
  readonly renderSweeps: string;
}

/** @param prefix one per installation that shares a namespace; the workflows rely on the `-<kind>` ending */
export const taskQueues = (prefix = 'everfetch'): TaskQueues => ({
  jobs: `${prefix}-jobs`,
  sweeps: `${prefix}-sweeps`,
  webhooks: `${prefix}-webhooks`,
  render: `${prefix}-render`,
  renderSweeps: `${prefix}-rendersweeps`,
});
