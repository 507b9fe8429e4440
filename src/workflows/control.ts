import { defineSignal, getExternalWorkflowHandle, patched, setHandler } from '@temporalio/workflow';

/** Told to a batch, and handed on to its chunks. Whether it is paused stands in its row; the signals wake what waits, and are seen in the Web UI. */
export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');

/**
 * Signals that a batch hands on; 25 chunks have two events of each in its history. Chunks that hear of no more look at the row at
 * their next round, ten minutes later at most.
 */
const MAX_HANDED_ON = 50;

/** Hands signals on to the workflows whose ids are in `openIds`. One that has not begun or has closed hears nothing. */
export function handSignalsOn(openIds: ReadonlySet<string>): void {
  let handedOn = 0;
  for (const signal of [pauseSignal, resumeSignal])
    setHandler(signal, async () => {
      // Versions before had no handler, so their histories may hold signals that did nothing.
      if (!patched('control') || handedOn >= MAX_HANDED_ON) return;
      handedOn += 1;
      await Promise.allSettled([...openIds].map((id) => getExternalWorkflowHandle(id).signal(signal)));
    });
}

/** Counts the signals `resume`. @returns the number so far */
export function countResumes(): () => number {
  let resumes = 0;
  setHandler(pauseSignal, () => undefined);
  setHandler(resumeSignal, () => {
    if (patched('control')) resumes += 1;
  });
  return () => resumes;
}
