import type { Client } from '@temporalio/client';
import { clusterOf } from '../../../worker/cluster';

/** A server that answers GetClusterInfo by one entry after the other, and by the last one for ever. */
function clientOf(...answers: readonly (string | Error)[]): { readonly client: Client; readonly asked: () => number } {
  let asked = 0;
  const getClusterInfo = async (): Promise<{ clusterId: string }> => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? '';
    asked += 1;
    if (answer instanceof Error) throw answer;
    return { clusterId: answer };
  };
  const client = { connection: { options: { address: 'temporal:7233' }, workflowService: { getClusterInfo } } };
  return { client: client as unknown as Client, asked: () => asked };
}

describe('the cluster of a worker', () => {
  it('is what the server says', async () => {
    expect(await clusterOf(clientOf('c-1').client, 1)).toBe('c-1');
  });

  it('is asked for again after a hiccup, so that two workers of one Temporal agree', async () => {
    const { client, asked } = clientOf(new Error('14 UNAVAILABLE'), new Error('14 UNAVAILABLE'), 'c-1');
    expect(await clusterOf(client, 1)).toBe('c-1');
    expect(asked()).toBe(3);
  });

  it.each([
    ['that refuses', new Error('7 PERMISSION_DENIED'), /PERMISSION_DENIED/],
    ['without an id', '', /it has no id/],
  ])('keeps a worker from starting at a server %s, and says what to do', async (_, answer, why) => {
    const starting = clusterOf(clientOf(answer).client, 1);
    await expect(starting).rejects.toThrow(why);
    await expect(starting).rejects.toThrow('start the worker again');
  });
});
