import { buildIdOf, versioningOf } from '../../../rules/workers/versioning';

describe('the version of a worker', () => {
  it('is off, and of this package, where no variable says otherwise', () => {
    const standard = { on: false, deploymentName: 'rollout-orchestrator', buildId: undefined };
    expect(versioningOf({})).toEqual(standard);
    expect(versioningOf({ ROLLOUT_WORKER_VERSIONING: ' ', ROLLOUT_WORKER_BUILD: '' })).toEqual(standard);
  });

  it('is what the variables say', () => {
    expect(
      versioningOf({
        ROLLOUT_WORKER_VERSIONING: 'on',
        ROLLOUT_WORKER_DEPLOYMENT: 'shop-rollouts',
        ROLLOUT_WORKER_BUILD: '1.2.3-abc',
      }),
    ).toEqual({ on: true, deploymentName: 'shop-rollouts', buildId: '1.2.3-abc' });
  });

  it('is refused with every problem at once', () => {
    const wrong = { ROLLOUT_WORKER_VERSIONING: 'yes', ROLLOUT_WORKER_DEPLOYMENT: 'a.b', ROLLOUT_WORKER_BUILD: '__x' };
    expect(() => versioningOf(wrong)).toThrow(
      [
        'The worker does not start:',
        '- ROLLOUT_WORKER_VERSIONING is "yes": write on or off',
        '- ROLLOUT_WORKER_DEPLOYMENT is "a.b": write up to 100 letters, digits, dashes and underscores, not beginning with two underscores',
        '- ROLLOUT_WORKER_BUILD is "__x": write up to 100 letters, digits, dots, dashes and underscores, not beginning with two underscores',
      ].join('\n'),
    );
  });

  it('has the version of the package and the hash of the workflow code', () => {
    expect(buildIdOf('0.1.0', 'd2c2f8a1b0'.repeat(4))).toBe('0.1.0-d2c2f8a1b0');
    expect(buildIdOf('1.0.0+local build', 'abc')).toBe('1.0.0-local-build-abc');
  });
});
