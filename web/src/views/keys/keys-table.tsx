import type { KeyObject } from '../../api/types';
import { count } from '../../format/numbers';
import { Button } from '../../parts/button';
import { Chip, StatusChip } from '../../parts/chip';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { Empty } from '../../parts/states';
import { When } from '../../parts/when';

export interface KeysTableProps {
  readonly keys: readonly KeyObject[];
  readonly onEdit: (key: KeyObject) => void;
  readonly onRevoke: (key: KeyObject) => void;
}

/** Each key with its limits and what it has used. */
export function KeysTable({ keys, onEdit, onRevoke }: KeysTableProps) {
  const actions: Column<KeyObject> = {
    id: 'actions',
    head: <span class="visually-hidden">What can be done</span>,
    cell: (key) =>
      key.revokedAt === undefined && (
        <span class="row-actions">
          <Button kind="quiet" label={`Change ${key.name}`} onClick={() => onEdit(key)}>
            Change …
          </Button>
          <Button kind="quiet" label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
            Revoke …
          </Button>
        </span>
      ),
  };
  return (
    <DataTable
      caption="Keys"
      columns={[...columns, actions]}
      rows={keys}
      rowKey={({ id }) => id}
      empty={<Empty title="There are no keys." icon="keys" />}
    />
  );
}

const columns: readonly Column<KeyObject>[] = [
  {
    id: 'name',
    head: 'Name',
    isUnlabelled: true,
    cell: ({ name, isAdmin, revokedAt }) => (
      <span class="key-name">
        <strong>{name}</strong>
        {isAdmin && <Chip tone="busy">admin</Chip>}
        {revokedAt !== undefined && <StatusChip status="revoked" />}
      </span>
    ),
  },
  {
    id: 'credits',
    head: 'Credits used',
    isNumber: true,
    cell: ({ usage, limits }) =>
      limits.credits == null ? count(usage.credits) : `${count(usage.credits)} of ${count(limits.credits)}`,
  },
  {
    id: 'unfinished',
    head: 'Not ended',
    isNumber: true,
    cell: ({ usage, limits }) =>
      limits.maxUnfinished == null
        ? count(usage.unfinished)
        : `${count(usage.unfinished)} of ${count(limits.maxUnfinished)}`,
  },
  {
    id: 'concurrency',
    head: 'At a time',
    isNumber: true,
    cell: ({ limits }) => (limits.concurrency == null ? 'no limit' : count(limits.concurrency)),
  },
  {
    id: 'submits',
    head: 'Submissions/s',
    isNumber: true,
    cell: ({ limits }) => (limits.submitsPerSecond == null ? '–' : count(limits.submitsPerSecond)),
  },
  { id: 'finished', head: 'Finished', isNumber: true, cell: ({ usage }) => count(usage.finished) },
  { id: 'failed', head: 'Failed', isNumber: true, cell: ({ usage }) => count(usage.failed) },
  { id: 'made', head: 'Made', cell: ({ createdAt }) => <When at={createdAt} /> },
];
