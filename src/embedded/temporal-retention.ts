import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';

/**
 * True once the server answers and the namespace keeps closed workflows for `retentionHours`; sets that where it differs.
 * A new dev server gives its namespaces 24 h, and leaves those of an existing file as they are.
 */
export async function hasRetention(options: {
  readonly address: string;
  readonly namespace: string;
  readonly retentionHours: number;
}): Promise<boolean> {
  const { address, namespace, retentionHours } = options;
  const seconds = retentionHours * 3_600;
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: 1_000 });
    const { workflowService } = connection;
    return await connection.withDeadline(Date.now() + 3_000, async () => {
      const { config } = await workflowService.describeNamespace({ namespace });
      if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) === seconds) return true;
      await workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(seconds * 1_000) },
      });
      return true;
    });
  } catch {
    return false; // not listening yet, or the namespace is still being made
  } finally {
    await connection?.close();
  }
}
