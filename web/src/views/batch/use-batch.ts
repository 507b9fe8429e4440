import { useEffect, useState } from 'preact/hooks';
import { isConnectionTrouble, messageOf } from '../../api/errors';
import type { BatchObject } from '../../api/types';
import { noteAnswer, noteLoss, retryDelayMs } from '../../data/connection';
import { useIsVisible } from '../../data/use-is-visible';
import { useQuery } from '../../data/use-query';
import type { Query } from '../../data/use-query';
import { useClient } from '../../session/use-client';

/** What limits a batch and how long it still takes are no events, so they are asked for this often (ms). */
const POLL_MS = 5_000;

const isOver = ({ status }: BatchObject): boolean => status === 'finished' || status === 'cancelled';
const endedOf = ({ counts }: BatchObject): number => counts.finished + counts.failed + counts.cancelled;

/** A batch as it changes: its events as they come, and what only a read of it shows. */
export function useBatch(id: string): Query<BatchObject> {
  const client = useClient();
  const [isOpen, setIsOpen] = useState(true);
  const query = useQuery(`batch ${id}`, (signal) => client.batch(id, { signal }), {
    pollMs: isOpen ? POLL_MS : undefined,
  });
  const { data: read, refresh } = query;
  useEffect(() => {
    if (read !== undefined) setIsOpen(!isOver(read));
  }, [read]);
  const told = useBatchEvents(id, { isWanted: isOpen && read !== undefined, read, onEnd: refresh });
  if (read === undefined || told === undefined) return query;
  const limitedBy = told.status === 'running' ? read.limitedBy : undefined;
  return { ...query, data: { ...told, ...(limitedBy !== undefined && { limitedBy }) } };
}

interface EventsOptions {
  readonly isWanted: boolean;
  /** The last read of the batch. It replaces what was told before, unless that was further. */
  readonly read: BatchObject | undefined;
  readonly onEnd: () => void;
}

/** The batch as its events told of it last; undefined when a read is newer. */
function useBatchEvents(id: string, { isWanted, read, onEnd }: EventsOptions): BatchObject | undefined {
  const client = useClient();
  const isVisible = useIsVisible();
  const [told, setTold] = useState<BatchObject>();
  useEffect(() => {
    if (!isWanted || !isVisible) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const follow = async (): Promise<void> => {
      try {
        for await (const batch of client.events(id, { signal: abort.signal })) {
          failures = 0;
          noteAnswer();
          setTold(batch);
        }
        if (!abort.signal.aborted) onEnd();
      } catch (error) {
        // Beside the stream the batch is read again and again, and that tells of everything but a lost connection.
        if (abort.signal.aborted || !isConnectionTrouble(error)) return;
        noteLoss(messageOf(error));
        failures += 1;
        timer = setTimeout(() => void follow(), retryDelayMs(failures));
      }
    };
    void follow();
    return () => {
      abort.abort();
      clearTimeout(timer);
      setTold(undefined);
    };
  }, [client, id, isWanted, isVisible, onEnd]);
  useEffect(() => {
    setTold((before) =>
      before !== undefined && read !== undefined && endedOf(before) > endedOf(read) ? before : undefined,
    );
  }, [read]);
  return told;
}
