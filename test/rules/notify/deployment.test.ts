import { decideDeployment } from '../../../rules/deployment/decide';
import type { DeploymentState } from '../../../rules/deployment/state';
import { awaiting, beginDeployment } from '../../../rules/deployment/state';
import type { DeploymentOutcome, DeploymentStatus } from '../../../rules/deployment/status';
import { deploymentStatus } from '../../../rules/deployment/status';
import { deploymentNoticeOf } from '../../../rules/report/deployment-notice';
import type { NoticeEvent } from '../../../rules/notify/due';
import { deploymentOccasionsDue } from '../../../rules/notify/due-deployment';
import type { Channel } from '../../../rules/notify/notice';
import { recordSending } from '../../../rules/notify/sent-notices';
import { verificationNotices } from '../../../rules/report/verification-notice';
import { beginVerification, conclude, withPart } from '../../../rules/verification/verification';
import { aPlan, DAY_MS, HOUR_MS } from '../../helpers/samples/plans';
import { changed } from '../../helpers/samples/changed-state';

const NOW = Date.UTC(2026, 10, 24, 12);
const team: Channel = { name: 'support', webhook: { variable: 'HOOK' } };
const approvals = { required: 2, starterMayApprove: false, validForMs: 7 * DAY_MS };
const plan = aPlan({
  notify: [team],
  contact: 'Slack #pavi-support',
  deployment: { nextEnvironments: [], approvals, checklist: [{ id: 'incidents', text: 'No active incidents' }] },
  limits: { ...aPlan().limits, approval: { atMostMs: HOUR_MS, then: 'continue' } },
});
const synthesis = {
  ...{ template: 't1', nextTemplates: {}, revision: 'abc', mutableImages: [], notes: [] },
  changes: [{ name: 'S', changed: true, security: 'a role', text: 'one' }],
};
const begun = beginDeployment('ada', undefined, NOW);
const checking: DeploymentState = { ...begun, phase: 'checking', synthesis };
const approving: DeploymentState = changed(
  { ...checking, phase: 'approving' },
  { gates: { ticks: [{ item: 'incidents', by: 'bob', atMs: NOW }] } },
);
const waiting: DeploymentState = { ...approving, phase: 'waiting', gates: { ...approving.gates, approvals: [] } };
const told = (state: DeploymentState, ...keys: readonly string[]): DeploymentState =>
  keys.reduce((next, key) => recordSending(next, { key }, NOW), state);
const ended = (outcome: DeploymentOutcome['outcome'], why = 'x'): DeploymentOutcome => ({ outcome, why, atMs: NOW });

function statusOf(state: DeploymentState, nowMs = NOW, outcome?: DeploymentOutcome): DeploymentStatus {
  const decision = decideDeployment(plan, state, nowMs);
  const shown = decision.do === 'wait' ? awaiting(state, decision.for, nowMs) : state;
  return deploymentStatus(plan, shown, { workflowId: 'deployment-pavi-prod', decision, nowMs, outcome });
}
const keys = (state: DeploymentState, nowMs = NOW, outcome?: DeploymentOutcome): readonly string[] =>
  deploymentOccasionsDue(plan, state, statusOf(state, nowMs, outcome), nowMs).map(({ kind, key }) => `${kind} ${key}`);

describe('what is due of a deployment', () => {
  const begin = 'started started';
  it.each<[string, DeploymentState, readonly string[]]>([
    ['nothing before the app is synthesized', begun, []],
    ['the start, when nothing is waited for', { ...begun, phase: 'deploying', synthesis }, [begin]],
    ['start and checklist', checking, [begin, `deployment-waiting checklist-${NOW}`]],
    ['start and approval', approving, [begin, 'deployment-waiting approval-t1']],
    ['what was not told yet', told(approving, 'started'), ['deployment-waiting approval-t1']],
    ['nothing twice', told(approving, 'started', 'approval-t1'), []],
    [
      'the approval of another template',
      told({ ...approving, synthesis: { ...synthesis, template: 't2' } }, 'started', 'approval-t1'),
      ['deployment-waiting approval-t2'],
    ],
    ['nothing while it deploys', told({ ...approving, phase: 'deploying' }, 'started', 'approval-t1'), []],
  ])('is %s', (_what, state, expected) => expect(keys(state)).toEqual(expected));

  it('is no window, which opens by itself', () => {
    const shut = { ...plan, windows: [{ zone: 'UTC', days: [1], from: '00:00', to: '00:01' }] };
    const free = {
      ...shut,
      deployment: { ...plan.deployment, approvals: { ...approvals, required: 0 } },
    } as typeof plan;
    const state = told({ ...waiting, gates: { ...waiting.gates, freezes: { list: [] } } }, 'started');
    const decision = decideDeployment(free, state, NOW);
    expect(decision).toMatchObject({ do: 'wait', for: 'window' });
    const status = deploymentStatus(free, awaiting(state, 'window', NOW), { workflowId: 'w', decision, nowMs: NOW });
    expect(status.wait).toBeDefined();
    expect(deploymentOccasionsDue(free, state, status, NOW)).toEqual([]);
  });

  it('is a wait that has lasted too long', () => {
    const long = told(awaiting(approving, 'approval', NOW), 'started', 'approval-t1');
    expect(keys(long, NOW + HOUR_MS - 1)).toEqual([]);
    expect(keys(long, NOW + HOUR_MS)).toEqual([`overdue overdue-approving-${NOW}`]);
  });

  it.each<[DeploymentOutcome['outcome'], readonly string[], readonly string[]]>([
    ['deployed', ['deployment-done ended-deployed'], ['deployment-done ended-deployed']],
    ['no-changes', ['deployment-done ended-no-changes'], ['deployment-done ended-no-changes']],
    ['failed', ['deployment-failed ended-failed'], ['deployment-failed ended-failed']],
    ['refused', ['deployment-failed ended-refused'], []],
    ['aborted', ['deployment-failed ended-aborted'], []],
  ])('is the end %s; an unsent notice is sent when it matters', (outcome, heard, unheard) => {
    expect(keys(told(approving, 'started'), NOW, ended(outcome))).toEqual(heard);
    expect(keys(begun, NOW, ended(outcome))).toEqual(unheard);
  });

  it('is nothing without a channel', () => {
    const { notify: _notify, ...nobody } = plan;
    expect(deploymentOccasionsDue(nobody as typeof plan, checking, statusOf(checking), NOW)).toEqual([]);
  });
});

describe('a notice of a deployment', () => {
  const noticeOf = (kind: NoticeEvent['kind'], status: DeploymentStatus) =>
    deploymentNoticeOf({ kind, key: 'k' }, status, NOW, 'UTC');

  it('says what waits, what it is about, what can be typed and whom to ask, without markdown', () => {
    const { title, text } = noticeOf('deployment-waiting', statusOf(approving));
    expect(title).toBe('pavi prod: the deployment waits for approval, 0 of 2');
    expect(text).toBe(
      [
        'pavi prod: the deployment WAITS: 0 of 2 people have approved template t1',
        'Template t1 of revision abc, which changes S (permissions too). Started by ada.',
        'Read what it changes: npx rollout status prod --deployment',
        'You can: npx rollout approve prod --template t1, npx rollout reject prod --deployment --reason TEXT, npx rollout abort prod --deployment',
        'Help: Slack #pavi-support',
        'deployment-pavi-prod, Tue 24 Nov 12:00:00 UTC',
      ].join('\n'),
    );
  });

  it.each<[NoticeEvent['kind'], DeploymentStatus, string, RegExp]>([
    ['started', statusOf(checking), 'deployment started by ada', /which changes S/],
    [
      'deployment-waiting',
      statusOf(checking),
      'the deployment waits for the checklist',
      /rollout checklist prod --deployment --tick incidents/,
    ],
    ['overdue', statusOf(approving), 'the deployment is OVERDUE', /rollout approve prod --template t1/],
    ['deployment-done', statusOf(approving, NOW, ended('deployed', 'S: updated')), 'deployed', /done: S: updated/],
    ['deployment-done', statusOf(approving, NOW, ended('no-changes')), 'deployed, no changes', /done: x/],
    [
      'deployment-failed',
      statusOf(approving, NOW, ended('failed', 'half-way; the traffic is at 0 %')),
      'THE DEPLOYMENT FAILED',
      /FAILED: half-way; the traffic is at 0 %\n.*\n.*rollout diagnose prod/,
    ],
    [
      'deployment-failed',
      statusOf(approving, NOW, ended('refused', 'too wide a role')),
      'the deployment was REFUSED',
      /REFUSED: too wide a role/,
    ],
    ['deployment-failed', statusOf(approving, NOW, ended('aborted')), 'the deployment was ABORTED', /ABORTED: x/],
  ])('%s is a line and a text', (kind, status, title, text) => {
    const notice = noticeOf(kind, status);
    expect(notice.title).toBe(`pavi prod: ${title}`);
    expect(notice.text).toMatch(text);
  });
});

describe('a notice of a verification', () => {
  const around = { workflowId: 'verification-pavi-prod', contact: 'Slack #pavi-support', nowMs: NOW, zone: 'UTC' };
  const verified = (state: 'passed' | 'failed') => {
    const asked = aPlan({ verification: { monitorMs: 1, healthUrl: 'https://api' } });
    const begin = beginVerification({ plan: asked, by: 'ada', nowMs: NOW, template: 't1' });
    const parts = begin.parts.map((part) => ({ ...part, state: 'passed' as const }));
    const differences = ['a', 'b', 'c', 'd'];
    return conclude(withPart({ ...begin, parts }, 'health', { state, why: 'answered 503', differences }), NOW);
  };

  it('says which part failed, what that means and what can be typed', () => {
    expect(verificationNotices(verified('failed'), around)).toEqual([
      {
        ...{ kind: 'verification-failed', key: 'verification-failed' },
        title: 'pavi prod: THE VERIFICATION FAILED: health',
        text: [
          'pavi prod: the verification of template t1 FAILED, started by ada.',
          '✗ health: answered 503',
          '  a',
          '  b',
          '  c',
          'The deployment stays in place, but no rollout may use it until it is verified.',
          'What to do: npx rollout diagnose prod; npx rollout verify prod again; npx rollout rollback prod --to infra',
          'Help: Slack #pavi-support',
          'verification-pavi-prod, Tue 24 Nov 12:00:00 UTC',
        ].join('\n'),
        about: {
          ...{ service: 'pavi', environment: 'prod', workflowId: 'verification-pavi-prod', atMs: NOW, links: [] },
          commands: ['npx rollout diagnose prod', 'npx rollout verify prod', 'npx rollout rollback prod --to infra'],
        },
      },
    ]);
  });

  it('is none when it passed', () => expect(verificationNotices(verified('passed'), around)).toEqual([]));
});
