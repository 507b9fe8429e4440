import { createStore, useStore } from '../data/store';
import { hrefWith, parseLocation } from './location';
import type { Location, QueryValues } from './location';

const current = createStore<Location>(parseLocation(window.location.hash));
window.addEventListener('hashchange', () => current.set(parseLocation(window.location.hash)));

/** Where the dashboard is. The component renders again when that changes. */
export const useLocation = (): Location => useStore(current);

/** Goes to another place, as a link to it would. */
export function navigate(href: string): void {
  window.location.hash = href;
}

/**
 * Changes values of the query where the dashboard is. It makes no entry in the history of the browser, so that "back" leaves the view
 * instead of undoing a filter letter by letter.
 */
export function replaceQuery(changes: QueryValues): void {
  const href = hrefWith(current.get(), changes);
  window.history.replaceState(null, '', href);
  current.set(parseLocation(href));
}
