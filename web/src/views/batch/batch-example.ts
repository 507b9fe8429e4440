import type { ApiExample } from '../../samples/code-samples';
import { literal } from '../../samples/code-samples';

/** Reads a batch, and waits for its end. */
export const batchExample = (id: string): ApiExample => ({
  path: `/batches/${id}`,
  cli: `watch ${id}`,
  typescript: [
    `const batch = await everfetch.wait(${literal(id)}, { onProgress: ({ counts }) => console.log(counts) });`,
    '',
    `for await (const job of everfetch.results(${literal(id)})) console.log(job.url, job.status);`,
  ].join('\n'),
  python: [
    `batch = everfetch.wait(${literal(id)}, on_progress=lambda batch: print(batch["counts"]))`,
    '',
    `for job in everfetch.results(${literal(id)}):`,
    '    print(job["url"], job["status"])',
  ].join('\n'),
});
