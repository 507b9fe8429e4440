import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { toFailure } from './failures';

/** What an activity may ask of Temporal. */
export interface ActivityContext {
  /** Aborts when the activity is cancelled or its worker is shut down. */
  readonly signal: AbortSignal;
  /** Id of the workflow that runs the activity; empty when there is none. */
  readonly workflowId: string;
  /** Times that Temporal has given this activity out, 1 the first time. */
  readonly attempt: number;
  /** Tells the server that the activity is alive. */
  readonly heartbeat: () => void;
  /** Sets what the Web UI shows with every heartbeat from now on. */
  readonly describeProgress: (progress: () => unknown) => void;
}

/**
 * Milliseconds between the heartbeats of a long activity. The shortest heartbeat time-out is 12 s, so that three may be lost; a
 * cancellation arrives with the answer to one.
 */
const HEARTBEAT_MS = 3_000;

/**
 * Makes an activity that the worker can register: every error leaves as a failure that Temporal understands.
 * @param options.isLong the activity sends a heartbeat every {@link HEARTBEAT_MS} while it runs
 */
export function asActivity<Input extends unknown[], Result>(
  work: (context: ActivityContext, ...input: Input) => Promise<Result>,
  { isLong = false }: { readonly isLong?: boolean } = {},
): (...input: Input) => Promise<Result> {
  return async (...input) => {
    const signal = cancellationSignal();
    let progress: () => unknown = () => undefined;
    const beat = () => heartbeat(progress());
    const timer = isLong ? setInterval(beat, HEARTBEAT_MS) : undefined;
    const { workflowExecution, attempt } = activityInfo();
    const context: ActivityContext = {
      ...{ signal, attempt, workflowId: workflowExecution?.workflowId ?? '', heartbeat: beat },
      describeProgress: (describe) => (progress = describe),
    };
    try {
      return await work(context, ...input);
    } catch (error) {
      // A cancellation has to reach the worker unwrapped, or it counts as one more failed attempt.
      throw signal.aborted ? signal.reason : toFailure(error);
    } finally {
      clearInterval(timer);
    }
  };
}

/** The activity of that name, before {@link asActivity} makes it one. */
export type WorkOf<Activity extends (...input: never[]) => Promise<unknown>> = (
  context: ActivityContext,
  ...input: Parameters<Activity>
) => ReturnType<Activity>;
