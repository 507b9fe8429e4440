import { createStore, useStore } from '../data/store';
import { Button } from './button';
import { Icon } from './icon';

export interface Toast {
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

interface ShownToast extends Toast {
  readonly id: number;
}

const shown = createStore<readonly ShownToast[]>([]);
const SHOWN_MS = 6_000;
const MAX_TOASTS = 4;
let lastId = 0;

const dismiss = (id: number): void => shown.set(shown.get().filter((one) => one.id !== id));

/** Says in the corner that something was done, or was not. Failures stay until they are closed. */
export function toast(message: Toast): void {
  const id = ++lastId;
  shown.set([...shown.get(), { ...message, id }].slice(-MAX_TOASTS));
  if (message.tone === 'good') setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Where toasts appear. It is there before the first of them, because readers of screens follow only what was there before. */
export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {useStore(shown).map(({ id, tone, text }) => (
      <div class={`toast ${tone}`} key={id}>
        <Icon name={tone === 'good' ? 'check' : 'warning'} />
        <span>{text}</span>
        <Button kind="quiet" icon="close" isIconOnly onClick={() => dismiss(id)}>
          Dismiss
        </Button>
      </div>
    ))}
  </div>
);
