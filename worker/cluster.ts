import type { Client } from '@temporalio/client';

/** What tells one Temporal from another: its cluster's id, or, where it does not say, its address. */
export async function clusterOf({ connection }: Client): Promise<string> {
  const address = 'options' in connection ? String((connection.options as { address?: string }).address) : 'unknown';
  try {
    const { clusterId } = await connection.workflowService.getClusterInfo({});
    return clusterId || address;
  } catch {
    return address;
  }
}
