import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { replaceQuery, useLocation } from '../routing/use-location';

export interface Tab {
  readonly id: string;
  readonly title: ComponentChildren;
  readonly content: () => ComponentChildren;
}

export interface TabsProps {
  readonly label: string;
  /** The first one is shown unless the address names another. */
  readonly tabs: readonly Tab[];
  /** Name of the choice in the address. */
  readonly name?: string;
}

/** Panels of which one is shown. The arrow keys move between the tabs, and the choice stands in the address. */
export function Tabs({ label, tabs, name = 'tab' }: TabsProps) {
  const base = useId();
  const chosen = useLocation().query[name];
  const index = Math.max(
    0,
    tabs.findIndex(({ id }) => id === chosen),
  );
  const active = tabs[index];
  const choose = (place: number, list: HTMLElement | null): void => {
    const next = (place + tabs.length) % tabs.length;
    replaceQuery({ [name]: next === 0 ? undefined : tabs[next]?.id });
    list?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void => {
    const place = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (place === undefined) return;
    event.preventDefault();
    choose(place, event.currentTarget);
  };
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map(({ id, title }, place) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            aria-selected={place === index}
            aria-controls={`${base}-panel`}
            tabIndex={place === index ? 0 : -1}
            onClick={() => choose(place, null)}
          >
            {title}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${active?.id ?? ''}`}>
        {active?.content()}
      </div>
    </div>
  );
}
