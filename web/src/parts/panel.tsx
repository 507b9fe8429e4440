import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface PanelProps {
  readonly title: string;
  readonly actions?: ComponentChildren;
  /** A line below the title. */
  readonly lead?: ComponentChildren;
  /** Without it, the content has a margin. Tables go to the edge. */
  readonly isFlush?: boolean;
  readonly children: ComponentChildren;
}

/** A part of a view with a title of its own. */
export function Panel({ title, actions, lead, isFlush = false, children }: PanelProps) {
  const titleId = useId();
  return (
    <section class={`panel${isFlush ? ' flush' : ''}`} aria-labelledby={titleId}>
      <header>
        <div>
          <h2 id={titleId}>{title}</h2>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
}

/** A number that is seen at a glance. */
export const Stat = ({
  label,
  value,
  hint,
}: {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly hint?: ComponentChildren;
}) => (
  <div class="stat">
    <dt>{label}</dt>
    <dd>
      <span class="stat-value">{value}</span>
      {hint !== undefined && <span class="stat-hint">{hint}</span>}
    </dd>
  </div>
);

/** Several of them in a row. */
export const Stats = ({ children }: { readonly children: ComponentChildren }) => <dl class="stats">{children}</dl>;

/** Names and values, below each other. Values that are undefined are left out. */
export const Facts = ({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }) => (
  <dl class="facts">
    {facts
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);
