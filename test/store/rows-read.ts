import type { Database, Queryable } from '../../src/store/database';

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Runs queries, and adds up how many rows of tables their plans read. */
export class RowsRead implements Queryable {
  readonly #database: Database;
  rows = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  query: Queryable['query'] = async (sql, values) => {
    const explained = `explain (analyze, timing off, format json) ${sql}`;
    const [answer] = await this.#database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(explained, values);
    this.rows += answer === undefined ? 0 : rowsOf(answer['QUERY PLAN'][0].Plan);
    return this.#database.query(sql, values);
  };
}

/** Rows that the scans of a plan read from tables, whether they were wanted or not. */
const rowsOf = (node: PlanNode): number =>
  (node['Relation Name'] === undefined
    ? 0
    : node['Actual Loops'] *
      (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0))) +
  (node.Plans ?? []).reduce((sum, child) => sum + rowsOf(child), 0);
