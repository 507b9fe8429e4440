import type { ComponentChildren } from 'preact';
import { detailsOf, isConnectionTrouble, messageOf } from '../api/errors';
import type { Query } from '../data/use-query';
import { Button } from './button';
import { Icon } from './icon';
import type { IconName } from './icon';

export interface EmptyProps {
  readonly title: string;
  readonly icon?: IconName;
  /** What to do about it. */
  readonly children?: ComponentChildren;
}

/** Says that there is nothing, and what would change that. */
export const Empty = ({ title, icon = 'search', children }: EmptyProps) => (
  <div class="empty">
    <Icon name={icon} />
    <p class="empty-title">{title}</p>
    {children !== undefined && <div class="empty-text">{children}</div>}
  </div>
);

/** Says what went wrong, where it went wrong. */
export function ErrorNote({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}) {
  const details = detailsOf(error).slice(0, 10);
  return (
    <div class="note bad" role="alert">
      <Icon name="warning" />
      <div>
        <p>{messageOf(error)}</p>
        {details.length > 1 && (
          <ul>
            {details.map(({ path, message }) => (
              <li key={path}>
                <code>{path}</code> {message}
              </li>
            ))}
          </ul>
        )}
      </div>
      {onRetry !== undefined && (
        <Button kind="quiet" icon="retry" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** A sentence that is worth standing out, without being an error. */
export const Note = ({
  tone,
  children,
}: {
  readonly tone: 'info' | 'warn' | 'good';
  readonly children: ComponentChildren;
}) => (
  <div class={`note ${tone}`}>
    <Icon name={tone === 'good' ? 'check' : 'warning'} />
    <div>{children}</div>
  </div>
);

/** Holds the place of something that is on its way. */
export const Loading = ({ lines = 3 }: { readonly lines?: number }) => (
  <div class="loading" role="status">
    <span class="visually-hidden">Loading</span>
    {Array.from({ length: lines }, (_, line) => (
      <span class="loading-line" key={line} />
    ))}
  </div>
);

export interface LoadedProps<Data> {
  readonly query: Query<Data>;
  readonly lines?: number;
  readonly children: (data: Data) => ComponentChildren;
}

/** Shows what a query has brought; before that a place holder, and its error if it failed. */
export function Loaded<Data>({ query, lines, children }: LoadedProps<Data>) {
  const { data, error, isStale, refresh } = query;
  const isRetried = isConnectionTrouble(error); // the banner tells of it
  if (data === undefined)
    return error === undefined || isRetried ? (
      <Loading {...(lines !== undefined && { lines })} />
    ) : (
      <ErrorNote error={error} onRetry={refresh} />
    );
  return (
    <div class={isStale ? 'loaded stale' : 'loaded'} aria-busy={isStale}>
      {error !== undefined && !isRetried && <ErrorNote error={error} onRetry={refresh} />}
      {children(data)}
    </div>
  );
}
