import type { VNode } from 'preact';
import { BatchView } from './batch/batch-view';
import { Batches } from './batches';
import { DeliveriesView } from './deliveries/deliveries-view';
import { DeliveryView } from './deliveries/delivery-view';
import { HostView } from './hosts/host-view';
import { HostsView } from './hosts/hosts-view';
import { JobView } from './job/job-view';
import { Jobs } from './jobs/jobs';
import { KeysView } from './keys/keys-view';
import { NotHere } from './not-here';
import { Overview } from './overview';
import { ReceiverView } from './receivers/receiver-view';
import { ReceiversView } from './receivers/receivers-view';
import { Submit } from './submit/submit';
import { UsageView } from './usage/usage-view';

/** What stands at a place, given the parts of its path behind the first. */
type ViewOf = (rest: readonly string[]) => VNode | undefined;

/** A place with nothing below it. */
const only =
  (view: () => VNode): ViewOf =>
  (rest) =>
    rest.length === 0 ? view() : undefined;

/** A list, and below it one thing by its name. */
const listOr =
  (list: () => VNode, one: (name: string) => VNode): ViewOf =>
  ([name, ...more]) => {
    if (name === undefined) return list();
    return more.length === 0 ? one(name) : undefined;
  };

/** Every place of the dashboard, by the first part of its path. */
const views: Readonly<Record<string, ViewOf>> = {
  '': only(() => <Overview />),
  batches: listOr(
    () => <Batches />,
    (id) => <BatchView id={id} />,
  ),
  submit: only(() => <Submit />),
  jobs: listOr(
    () => <Jobs />,
    (id) => <JobView id={id} />,
  ),
  deliveries: listOr(
    () => <DeliveriesView />,
    (id) => <DeliveryView id={id} />,
  ),
  receivers: listOr(
    () => <ReceiversView />,
    (id) => <ReceiverView id={id} />,
  ),
  hosts: listOr(
    () => <HostsView />,
    (host) => <HostView host={host} />,
  ),
  keys: only(() => <KeysView />),
  usage: only(() => <UsageView />),
};

/** The view of a place, or the one that says that there is none. */
export function viewAt([first = '', ...rest]: readonly string[]): VNode {
  const view = Object.hasOwn(views, first) ? views[first] : undefined;
  return view?.(rest) ?? <NotHere />;
}
