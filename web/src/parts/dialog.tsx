import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button';
import { Toasts } from './toast';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Buttons at its end. */
  readonly actions?: ComponentChildren;
}

/** A window over the page. It is there for as long as it is rendered; Escape and the button close it, and the focus goes back. */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => giveFocusBack(before);
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose(); // the backdrop belongs to the element itself
      }}
    >
      <div class="dialog-box">
        <header>
          <h2 id={titleId}>{title}</h2>
          <Button kind="quiet" icon="close" isIconOnly onClick={onClose}>
            Close
          </Button>
        </header>
        <div class="dialog-body">{children}</div>
        {actions !== undefined && <footer>{actions}</footer>}
      </div>
      {/* Those of the layout lie below the dialog, out of reach. */}
      <Toasts />
    </dialog>
  );
}

/** Once the dialog is gone and everything else can be reached again. Whoever has taken the focus meanwhile keeps it. */
function giveFocusBack(before: Element | null): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
  });
}

export interface ConfirmProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says, which is what happens. */
  readonly confirmText: string;
  /** What the other button says. @default 'Keep as it is' */
  readonly closeText?: string;
  readonly isDangerous?: boolean;
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be taken back, or that costs something. */
export const Confirm = ({
  title,
  children,
  confirmText,
  closeText = 'Keep as it is',
  onConfirm,
  onClose,
  ...state
}: ConfirmProps) => (
  <Dialog
    title={title}
    onClose={onClose}
    actions={
      <>
        <Button onClick={onClose}>{closeText}</Button>
        <Button
          kind={state.isDangerous === true ? 'danger' : 'primary'}
          isBusy={state.isBusy ?? false}
          isDisabled={state.isDisabled ?? false}
          onClick={onConfirm}
        >
          {confirmText}
        </Button>
      </>
    }
  >
    {children}
  </Dialog>
);
