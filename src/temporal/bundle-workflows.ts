import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

/** Bundles the workflows. The build does this once, so that no worker has to when it starts. */
export async function bundleWorkflows(path = join(__dirname, '..', 'workflow-bundle.js')): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(path, withoutSourceMap(code));
}

/**
 * Replaces the source map by an empty one, because the worker insists on a map. Each task queue has a workflow thread that would unpack the
 * real one: 15 MB each (measured), for stack traces that name the same functions without it.
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
