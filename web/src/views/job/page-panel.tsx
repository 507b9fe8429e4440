import type { JobObject } from '../../api/types';
import { LinkButton } from '../../parts/button';
import { DataTable } from '../../parts/data-table';
import { Panel } from '../../parts/panel';
import { Empty, Loaded } from '../../parts/states';
import { Tabs } from '../../parts/tabs';
import { serviceUrl } from '../../session/session';
import { PageFrame } from './page-frame';
import { PageSource } from './page-source';
import { Screenshot } from './screenshot';
import { usePage } from './use-page';

export interface PagePanelProps {
  readonly job: JobObject;
  readonly response: NonNullable<JobObject['response']>;
}

/** The page of a job: as it looks, as source, its headers and its screenshot. */
export function PagePanel({ job, response }: PagePanelProps) {
  const { headers } = response;
  const hasScreenshot = headers['sa-screenshot'] !== undefined;
  const address = `${serviceUrl()}/jobs/${job.id}/body`;
  return (
    <Panel
      title="Page"
      actions={
        <LinkButton href={address} icon="external" kind="quiet" isExternal>
          By itself
        </LinkButton>
      }
    >
      <Tabs
        label="Ways to look at the page"
        name="page"
        tabs={[
          { id: 'look', title: 'Page', content: () => <Look id={job.id} /> },
          { id: 'source', title: 'Source', content: () => <Source id={job.id} address={address} /> },
          { id: 'headers', title: 'Headers', content: () => <Headers headers={headers} /> },
          ...(hasScreenshot
            ? [{ id: 'screenshot', title: 'Screenshot', content: () => <Screenshot id={job.id} /> }]
            : []),
        ]}
      />
    </Panel>
  );
}

const Look = ({ id }: { readonly id: string }) => (
  <Loaded query={usePage(id)} lines={6}>
    {(page) => <PageFrame page={page} />}
  </Loaded>
);

const Source = ({ id, address }: { readonly id: string; readonly address: string }) => (
  <Loaded query={usePage(id)} lines={6}>
    {(page) =>
      page.text === undefined ? (
        <Empty title="This page is not text." icon="file">
          <a href={address} target="_blank" rel="noreferrer">
            Open it by itself
          </a>
        </Empty>
      ) : (
        <PageSource text={page.text} address={address} />
      )
    }
  </Loaded>
);

const Headers = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => (
  <DataTable
    caption="Headers of the answer"
    columns={[
      { id: 'name', head: 'Name', isUnlabelled: true, cell: ([name]) => <code>{name}</code> },
      { id: 'value', head: 'Value', isWide: true, isUnlabelled: true, cell: ([, value]) => <code>{value}</code> },
    ]}
    rows={Object.entries(headers)}
    rowKey={([name]) => name}
    empty={<Empty title="The answer had no headers." />}
  />
);
