import { useCallback, useRef, useState } from 'preact/hooks';
import { toast } from '../../parts/toast';
import { counted } from '../../format/numbers';
import { hrefOf } from '../../routing/location';
import { navigate } from '../../routing/use-location';
import { signOutIfRefused } from '../../session/session';
import { useClient } from '../../session/use-client';
import type { BatchFields } from '../../../../src/client';
import type { SubmittedLine } from '../../submit/read-urls';

/** A batch takes this many URLs; more become several batches. */
export const MAX_BATCH_URLS = 50_000;

export interface Submission {
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Batches that were taken so far, while it runs. */
  readonly taken: number;
  submit(lines: readonly SubmittedLine[], fields: BatchFields): Promise<void>;
}

/**
 * Submits URLs, and goes to their batch. When a submission breaks off and is repeated, the parts that were taken before are not
 * submitted again.
 */
export function useSubmission(): Submission {
  const client = useClient();
  const [state, setState] = useState<Pick<Submission, 'isBusy' | 'error' | 'taken'>>({
    isBusy: false,
    error: undefined,
    taken: 0,
  });
  const attempt = useRef<{ lines: unknown; fields: string; key: string; ids: string[] } | undefined>(undefined);

  const submit = useCallback<Submission['submit']>(
    async (lines, fields) => {
      const text = JSON.stringify(fields);
      const isSame = attempt.current?.lines === lines && attempt.current.fields === text;
      const run =
        isSame && attempt.current !== undefined ? attempt.current : { lines, fields: text, key: newKey(), ids: [] };
      attempt.current = run;
      setState({ isBusy: true, error: undefined, taken: run.ids.length });
      try {
        for (let from = run.ids.length * MAX_BATCH_URLS; from < lines.length; from += MAX_BATCH_URLS) {
          const part = lines.slice(from, from + MAX_BATCH_URLS);
          const idempotencyKey = `${run.key}-${run.ids.length}`;
          const { id } = await client.submitBatch(part, fields, { idempotencyKey });
          run.ids.push(id);
          setState({ isBusy: true, error: undefined, taken: run.ids.length });
        }
      } catch (error) {
        signOutIfRefused(error);
        setState({ isBusy: false, error, taken: run.ids.length });
        return;
      }
      attempt.current = undefined;
      const [only = ''] = run.ids;
      toast({ tone: 'good', text: `${counted(lines.length, 'URL')} submitted.` });
      navigate(run.ids.length === 1 ? hrefOf(['batches', only]) : hrefOf(['batches']));
    },
    [client],
  );
  return { ...state, submit };
}

/** `crypto.randomUUID` exists only on HTTPS and localhost, so the random bytes are asked for by themselves. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
