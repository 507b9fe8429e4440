import type { ComponentChildren } from 'preact';
import { Icon } from './icon';
import type { IconName } from './icon';

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: () => void;
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  readonly type?: 'button' | 'submit';
  readonly icon?: IconName;
  /** While it is true, the button does nothing and says so. It is not disabled, because it would lose the focus. */
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  /** Replaces the text for readers of screens, where the text alone does not say enough. */
  readonly label?: string;
  /** Shows only the icon; the text is the label. */
  readonly isIconOnly?: boolean;
}

export function Button({ children, onClick, kind = 'plain', type = 'button', icon, ...state }: ButtonProps) {
  const { isBusy = false, isDisabled = false, label, isIconOnly = false } = state;
  return (
    <button
      type={type}
      class={`button ${kind}${isIconOnly ? ' icon-only' : ''}`}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.();
      }}
      disabled={isDisabled}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      aria-label={label}
    >
      {icon !== undefined && <Icon name={icon} />}
      <span class={isIconOnly ? 'visually-hidden' : undefined}>{children}</span>
    </button>
  );
}

export interface LinkButtonProps {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly kind?: 'primary' | 'plain' | 'quiet';
  readonly icon?: IconName;
  readonly isExternal?: boolean;
}

/** A link that looks like a button. */
export const LinkButton = ({ href, children, kind = 'plain', icon, isExternal = false }: LinkButtonProps) => (
  <a class={`button ${kind}`} href={href} {...(isExternal && { target: '_blank', rel: 'noreferrer' })}>
    {icon !== undefined && <Icon name={icon} />}
    <span>{children}</span>
  </a>
);
