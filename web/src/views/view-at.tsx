import type { VNode } from 'preact';
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
import { UsageView } from './usage/usage-view';

/** A view by the first part of its path; it gets what stands behind it. */
type ViewOf = (rest: readonly string[]) => VNode | undefined;

const one =
  (view: (name: string) => VNode): ViewOf =>
  ([name, ...more]) =>
    name === undefined || more.length > 0 ? undefined : view(name);

const listOr =
  (list: () => VNode, view: (name: string) => VNode): ViewOf =>
  (rest) =>
    rest.length === 0 ? list() : one(view)(rest);

const only =
  (view: () => VNode): ViewOf =>
  (rest) =>
    rest.length === 0 ? view() : undefined;

/** Every place of the dashboard. */
const views: Readonly<Record<string, ViewOf>> = {
  '': only(() => <Overview />),
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
