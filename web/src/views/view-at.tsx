import type { VNode } from 'preact';
import { NotHere } from './not-here';
import { Overview } from './overview';

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
};

/** The view of a place, or the one that says that there is none. */
export function viewAt([first = '', ...rest]: readonly string[]): VNode {
  const view = Object.hasOwn(views, first) ? views[first] : undefined;
  return view?.(rest) ?? <NotHere />;
}
export { listOr };
