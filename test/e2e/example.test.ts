import { spawnSandbox } from '../helpers/processes/running-sandbox';
import { mentioning } from '../helpers/processes/sandbox-processes';

const loopback = /^(http:\/\/)?127\.0\.0\.1:\d+$/;

describe('npm start -- --example checkout --once --json', () => {
  it('takes one release to 100 % and another back to 0 in both regions, by the weights of the service itself', async () => {
    const sandbox = spawnSandbox(['--example', 'checkout', '--once', '--json']);
    expect(await sandbox.ended).toEqual({ code: 0, signal: null });
    const story = (environment: string, more: object) => ({
      ...{ environment, workflowId: `rollout-checkout-${environment}`, historyEvents: expect.any(Number) as number },
      ...more,
    });
    const completed = { outcome: 'completed', percentages: [10, 25, 50, 100] };
    const rolledBack = (environment: string) => ({
      ...{ outcome: 'rolled-back', percentages: [10, 25, 0], alarm: `checkout-errors-${environment}` },
      breachToZeroMs: expect.any(Number) as number,
    });
    expect(sandbox.stdout().trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(sandbox.stdout())).toEqual({
      temporal: { address: expect.stringMatching(loopback), ui: expect.stringMatching(loopback) },
      aws: { endpoint: expect.stringMatching(loopback) },
      stories: [
        story('us', completed),
        story('eu', completed),
        story('us', rolledBack('us')),
        story('eu', rolledBack('eu')),
      ],
    });
    expect(mentioning(sandbox.state)).toEqual([]);
  }, 420_000);

  it('names the examples there are when it does not know one', async () => {
    const sandbox = spawnSandbox(['--example', 'nothing'], { npm: false });
    expect(await sandbox.ended).toEqual({ code: 2, signal: null });
    expect(sandbox.stderr()).toBe('There is no example nothing: name one of checkout.\n');
  });
});
