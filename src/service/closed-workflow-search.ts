import { Poller } from '../async/poller';
import type { EndWithout } from '../workflows/workflow-io';
import { noteSearchTurn, restartSearch, takeSearchTurn } from '../store/closed-workflow-search';
import type { Database } from '../store/database';
import type { StoredJob } from '../store/jobs';
import { findOpenWork } from '../store/open-rows';
import type { OpenWork } from '../store/open-rows';
import type { Logger } from '../telemetry/logger';
import type { ListClosed } from '../temporal/list-closed';
import type { WorkflowClient } from '../temporal/workflow-client';
import { endOfWork } from './row-closer';
import type { RowCloser } from './row-closer';

export interface ClosedWorkflowSearchDeps {
  readonly database: Database;
  readonly listClosed: ListClosed;
  readonly stateOf: WorkflowClient['stateOf'];
  readonly closer: RowCloser;
  readonly logger: Logger;
}

/** Interval at which each worker asks for the next turn (ms). */
const OFFER_EVERY_MS = 2_000;
/** Pause between two rounds of all workers together. */
const PAUSE_MS = 8_000;
/** Pages that one worker reads in a turn. It makes about one query a second, a tenth of what a cluster allows. */
const PAGES_A_TURN = 10;
const ASKED_AT_ONCE = 16;

/**
 * Ends the rows of workflows that were ended from the Temporal side, with one query a round, however many jobs are open. PostgreSQL holds
 * which worker has the turn and how far the search has come, so that workers share the work and a restart continues.
 */
export class ClosedWorkflowSearch {
  readonly #deps: ClosedWorkflowSearchDeps;
  readonly #poller: Poller;
  #isStopping = false;

  constructor(deps: ClosedWorkflowSearchDeps) {
    this.#deps = deps;
    this.#poller = new Poller({
      run: () => this.search(),
      everyMs: OFFER_EVERY_MS,
      onError: (error) => deps.logger.debug({ err: String(error) }, 'closed workflows cannot be listed'),
    });
  }

  run(): void {
    this.#poller.start();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#poller.stop();
  }

  /** If a turn is due, reads the next pages of the round. */
  async search(): Promise<void> {
    const { database, listClosed } = this.#deps;
    for (let pages = 1; !this.#isStopping; pages++) {
      const turn = await takeSearchTurn(database);
      if (turn === undefined) return;
      try {
        const { workflowIds, nextPageToken } = await listClosed(turn);
        await this.#endRowsOf(workflowIds);
        const isOver = nextPageToken === undefined || pages >= PAGES_A_TURN;
        await noteSearchTurn(database, turn, nextPageToken, isOver ? PAUSE_MS : 0);
        if (isOver) return;
      } catch (error) {
        await restartSearch(database, PAUSE_MS);
        throw error;
      }
    }
  }

  async #endRowsOf(workflowIds: readonly string[]): Promise<void> {
    if (workflowIds.length === 0) return;
    const open = await findOpenWork(this.#deps.database, workflowIds);
    for (let from = 0; from < open.length; from += ASKED_AT_ONCE)
      await this.#endClosed(open.slice(from, from + ASKED_AT_ONCE));
  }

  /** Asks each workflow for its state before ending its row, because the list may be late, and after a reset shows the abandoned run. */
  async #endClosed(works: readonly OpenWork[]): Promise<void> {
    const { stateOf, closer } = this.#deps;
    const states = await Promise.all(works.map(({ workflowId, round }) => stateOf(workflowId, round)));
    const jobs = new Map<string, { readonly end: EndWithout; readonly jobs: StoredJob[] }>();
    for (const [index, work] of works.entries()) {
      const state = states[index] ?? 'NOT_FOUND';
      const end = endOfWork(work, state);
      if (end === undefined) continue;
      if (work.job === undefined) {
        await this.#endPlaces(work, end);
        continue;
      }
      const alike = jobs.get(JSON.stringify(end)) ?? { end, jobs: [] };
      alike.jobs.push(work.job);
      jobs.set(JSON.stringify(end), alike);
    }
    for (const { end, jobs: ended } of jobs.values()) await closer.endJobs(ended, end);
  }

  async #endPlaces({ places, batchId }: OpenWork, end: EndWithout): Promise<void> {
    const { closer } = this.#deps;
    if (places !== undefined) await closer.endPlaces(places, end);
    if (batchId !== undefined) await closer.endBatch(batchId, end.status === 'cancelled');
  }
}
