import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

/** Part of the build: bundles the workflows once, so that starting a worker needs no bundler run. */
export async function bundleWorkflows(path = join(__dirname, '..', 'workflow-bundle.js')): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(path, withoutSourceMap(code));
}

/**
 * Every workflow thread unpacks the source map, and there is one per task queue: 15 MB each (measured), for stack traces that name
 * the same functions without it. The worker insists on a map, so it gets an empty one.
 */
function withoutSourceMap(code: string): string {
  const empty = Buffer.from(JSON.stringify({ version: 3, sources: [], names: [], mappings: '' })).toString('base64');
  return code.replace(/(sourceMappingURL=data:application\/json[^,]*;base64,)[\w+/=]+\s*$/, `$1${empty}`);
}

if (require.main === module) {
  bundleWorkflows().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
}
