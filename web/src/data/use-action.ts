import { useCallback, useState } from 'preact/hooks';
import { messageOf } from '../api/errors';
import { toast } from '../parts/toast';
import { signOutIfRefused } from '../session/session';

export interface Action<Args extends readonly unknown[]> {
  readonly isBusy: boolean;
  /** Resolves with false when it failed; the reason has been shown by then. */
  readonly run: (...args: Args) => Promise<boolean>;
}

/** Something that a button does. It runs once at a time, and its failure is shown as a toast. */
export function useAction<Args extends readonly unknown[]>(act: (...args: Args) => Promise<unknown>): Action<Args> {
  const [isBusy, setIsBusy] = useState(false);
  const run = useCallback(
    async (...args: Args): Promise<boolean> => {
      setIsBusy(true);
      try {
        await act(...args);
        return true;
      } catch (error) {
        signOutIfRefused(error);
        toast({ tone: 'bad', text: messageOf(error) });
        return false;
      } finally {
        setIsBusy(false);
      }
    },
    [act],
  );
  return { isBusy, run };
}
