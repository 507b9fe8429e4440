import { parentPort } from 'node:worker_threads';
import { runTask } from './run-task';
import type { ThreadTask } from './thread-task';

/** Entry of a conversion thread: it reports that it is ready, then answers one task after the other. */
parentPort?.on('message', (task: ThreadTask) => {
  void runTask(task).then((answer) => {
    parentPort?.postMessage(answer, answer.kind === 'converted' ? [answer.body.buffer] : []);
  });
});
parentPort?.postMessage('ready');
