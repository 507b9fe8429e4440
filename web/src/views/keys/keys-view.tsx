import { useState } from 'preact/hooks';
import type { KeyObject, Page } from '../../api/types';
import { ask } from '../../api/ask';
import { hasCode } from '../../api/errors';
import { useQuery } from '../../data/use-query';
import { Button } from '../../parts/button';
import { CopyAs } from '../../parts/copy-as';
import { PageHeader } from '../../parts/page-header';
import { Pager } from '../../parts/pager';
import { Panel } from '../../parts/panel';
import { Loaded, Note } from '../../parts/states';
import { useLocation } from '../../routing/use-location';
import { useClient } from '../../session/use-client';
import { OwnLimits } from '../usage/own-limits';
import { CreateKeyDialog } from './create-key-dialog';
import { EditKeyDialog } from './edit-key-dialog';
import { KeysTable } from './keys-table';
import { RevokeKeyDialog } from './revoke-key-dialog';

const POLL_MS = 10_000;
const PAGE_SIZE = 200;

type Open =
  | { readonly kind: 'create' }
  | { readonly kind: 'edit'; readonly key: KeyObject }
  | { readonly kind: 'revoke'; readonly key: KeyObject };

/** All keys of the installation, for admin keys; others see what they may use themselves. */
export function KeysView() {
  const client = useClient();
  const { cursor } = useLocation().query;
  const [open, setOpen] = useState<Open>();
  const query = useQuery(
    `keys ${cursor ?? ''}`,
    (signal) => ask<Page<KeyObject>>(client, 'GET', '/keys', { query: { limit: PAGE_SIZE, cursor }, signal }),
    { pollMs: POLL_MS },
  );
  if (hasCode(query.error, 'admin_key_required')) return <OwnKey />;
  const close = (): void => {
    setOpen(undefined);
    query.refresh();
  };
  return (
    <>
      <PageHeader
        title="Keys"
        actions={
          <>
            <CopyAs example={example} />
            <Button kind="primary" icon="keys" onClick={() => setOpen({ kind: 'create' })}>
              New key …
            </Button>
          </>
        }
      >
        Everybody who uses this installation has a key, with limits of its own.
      </PageHeader>
      <Panel title="Keys" isFlush>
        <Loaded query={query} lines={5}>
          {({ items, nextCursor }) => (
            <>
              <KeysTable
                keys={items}
                onEdit={(key) => setOpen({ kind: 'edit', key })}
                onRevoke={(key) => setOpen({ kind: 'revoke', key })}
              />
              <Pager nextCursor={nextCursor} />
            </>
          )}
        </Loaded>
      </Panel>
      {open?.kind === 'create' && <CreateKeyDialog onClose={close} />}
      {open?.kind === 'edit' && <EditKeyDialog apiKey={open.key} onClose={close} />}
      {open?.kind === 'revoke' && <RevokeKeyDialog apiKey={open.key} onClose={close} />}
    </>
  );
}

const OwnKey = () => (
  <>
    <PageHeader title="Keys" />
    <div class="view-grid">
      <Note tone="info">Only an admin key sees and manages all keys. Of this one, you see what it may use.</Note>
      <OwnLimits />
    </div>
  </>
);

const example = {
  path: '/keys',
  cli: 'keys list',
  typescript: 'const keys = await everfetch.keys.list();',
  python: 'keys = everfetch.keys.list()',
};
