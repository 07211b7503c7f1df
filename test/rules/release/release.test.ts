import * as rule from '../../../rules/release/release';
import { releaseStatus } from '../../../rules/release/status';
import { describeRelease } from '../../../rules/report/release';
import type { Verification } from '../../../rules/verification/verification';

const NOON = Date.UTC(2026, 10, 24, 12);
const named = { service: 'pavi', environment: 'prod', workflowId: 'release-pavi-prod' };
const begun = rule.beginRelease({
  startedBy: 'ada',
  reason: '2.4',
  nowMs: NOON,
  idOf: (stage) => `${stage}-pavi-prod`,
});
const done = (state: rule.ReleaseState, stage: rule.Stage, end: rule.StageEnd = { why: `${stage} is done` }) =>
  rule.recordStage(rule.enterStage(state, stage, NOON), stage, end, NOON + 1);
const halt = { by: 'bob', why: 'enough', sinceMs: NOON };
const refusal = { rule: 'window', why: 'shut', remedy: 'wait' };
const verification = (changes: Partial<Verification>): Verification => ({
  ...{ service: 'pavi', environment: 'prod', by: 'ada', startedAtMs: NOON, parts: [], notes: [], template: 't1' },
  ...{ outcome: 'passed', why: 'all parts' },
  ...changes,
});

describe('a release', () => {
  it('begins one stage after the other, and is completed when the last one is', () => {
    let state = begun;
    for (const stage of rule.STAGES) {
      expect(rule.nextStage(state)).toEqual({ do: 'begin', stage });
      state = done(state, stage);
    }
    expect(rule.nextStage(state)).toEqual({ do: 'end' });
    expect(rule.endRelease(state, NOON).outcome).toMatchObject({ outcome: 'completed', why: 'rollout is done' });
  });

  it('leaves a verification out that the plan does not name', () => {
    const state = rule.leaveOut(done(begun, 'deployment'), 'verification', 'nothing to verify');
    expect(rule.nextStage(state)).toEqual({ do: 'begin', stage: 'rollout' });
  });

  it('begins nothing more when it was aborted between two stages, and says which', () => {
    const state = rule.abortRelease(done(begun, 'deployment'), halt);
    expect(rule.nextStage(state)).toEqual({ do: 'end' });
    expect(rule.endRelease(state, NOON).outcome).toMatchObject({
      ...{ outcome: 'aborted', stage: 'verification', why: 'bob aborted it: enough; no verification was started' },
    });
    expect(rule.abortRelease(state, { ...halt, by: 'carol' }).aborted?.by).toBe('bob');
  });

  it('ends with the stage that did not reach what the next one needs', () => {
    const state = done(begun, 'deployment', rule.refusedBy(refusal));
    expect(rule.nextStage(state)).toEqual({ do: 'end' });
    expect(rule.endRelease(state, NOON).outcome).toEqual({
      ...{ outcome: 'refused', stage: 'deployment', why: 'shut; wait', refusal, atMs: NOON + 1 },
    });
  });

  it.each<[string, rule.StageEnd, string | undefined]>([
    ['deployed', rule.afterDeployment({ stacks: [], template: 't1' }), undefined],
    ['a deployment that was refused', rule.afterDeployment({ stacks: [], refusal }), 'refused'],
    ['a deployment that was aborted', rule.afterDeployment({ stacks: [], aborted: 'enough' }), 'aborted'],
    ['verified', rule.afterVerification(verification({}), 't1'), undefined],
    ['a verification that failed', rule.afterVerification(verification({ outcome: 'failed' }), 't1'), 'failed'],
    ['one that was refused', rule.afterVerification(verification({ outcome: 'refused', refusal }), 't1'), 'refused'],
    ['one of another template', rule.afterVerification(verification({ template: 't2' }), 't1'), 'refused'],
    ['completed', rule.afterRollout({ outcome: 'completed', why: '', atMs: NOON }), undefined],
    ['rolled back', rule.afterRollout({ outcome: 'rolled-back', why: '', atMs: NOON }), 'rolled-back'],
    ['a rollout that was refused', rule.afterRollout({ outcome: 'refused', why: '', refusal, atMs: NOON }), 'refused'],
  ])('goes on or ends: %s', (_what, { ends }, outcome) => expect(ends?.outcome).toBe(outcome));

  it('shows its stage, since when, and the verbs that leave it', () => {
    const status = releaseStatus(named, rule.enterStage(done(begun, 'deployment'), 'verification', NOON), NOON);
    expect(status).toMatchObject({ stage: 'verification', wait: { sinceMs: NOON, verbs: ['abort'] } });
    expect(describeRelease(status, NOON + 60_000)).toContain('**You can:** `rollout abort prod`');
    const stopping = releaseStatus(named, rule.abortRelease(rule.enterStage(begun, 'deployment', NOON), halt), NOON);
    expect(stopping.wait).toMatchObject({ why: expect.stringContaining('enough'), verbs: [] });
    const ended = releaseStatus(named, rule.endRelease(rule.abortRelease(begun, halt), NOON), NOON);
    expect([ended.stage, ended.wait, describeRelease(ended, NOON)]).toEqual([
      ...['ended', undefined, expect.stringContaining('release ABORTED at its deployment')],
    ]);
  });
});
