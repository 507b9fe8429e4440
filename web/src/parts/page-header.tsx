import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

export interface PageHeaderProps {
  readonly title: string;
  /** The way here: links that lead up. */
  readonly crumbs?: readonly { readonly text: string; readonly href: string }[];
  /** Chips behind the title. */
  readonly aside?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** A line below the title. */
  readonly children?: ComponentChildren;
}

/** The head of a view. It also names the window. */
export function PageHeader({ title, crumbs = [], aside, actions, children }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · everfetch`;
  }, [title]);
  return (
    <header class="page-header">
      {crumbs.length > 0 && (
        <nav class="crumbs" aria-label="Breadcrumbs">
          {crumbs.map(({ text, href }) => (
            <a key={href} href={href}>
              {text}
            </a>
          ))}
        </nav>
      )}
      <div class="page-title">
        <h1 tabIndex={-1}>{title}</h1>
        {aside}
        {actions !== undefined && <div class="actions">{actions}</div>}
      </div>
      {children !== undefined && <div class="page-lead">{children}</div>}
    </header>
  );
}
