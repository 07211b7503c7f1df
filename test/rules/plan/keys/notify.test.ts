import { checkPlan } from '../../../../rules/plan/plan';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { editedText, problemsAfter } from '../broken-plan';

function people(text: string, environment: string) {
  const checked = checkPlan(text);
  const resolved = checked.ok ? environmentPlan(checked.plan, environment) : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return { contact: resolved.plan.contact, notify: resolved.plan.notify };
}

const topic = 'arn:aws:sns:us-east-1:100225593120:pavi-{env}';
const slack = { token: { parameter: '/pavi/{env}/token' }, channel: 'C0123456789' };
const both = { parameter: '/a', variable: 'A' };
const pagerduty = { routingKey: { secret: 'pavi/{env}/pagerduty' } };
const withoutProof = { at: ['environments', 2, 'checklist', 2, 'proof'] };

describe('contact and notify', () => {
  it('are those of the runbook in plans/pavi.yaml, with an address that is not written there', () => {
    expect(people(editedText(), 'prod')).toEqual({
      contact: 'the Alliance development team, Slack #pavi-support',
      notify: [{ name: 'pavi-support', webhook: { parameter: '/pavi/prod/rollout-webhook' } }],
    });
  });

  it('may be left out, and differ in an environment', () => {
    const none = editedText(withoutProof, { at: ['contact'] }, { at: ['notify'] });
    expect(people(none, 'prod')).toEqual({ contact: undefined, notify: undefined });
    const own = editedText(
      { at: ['environments', 1, 'notify'], to: [{ name: 'ops', topic, events: ['held'] }] },
      { at: ['environments', 1, 'contact'], to: 'ops' },
    );
    expect(people(own, 'staging')).toEqual({
      contact: 'ops',
      notify: [{ name: 'ops', topic: topic.replace('{env}', 'staging'), events: ['held'] }],
    });
    expect(people(own, 'dev').notify).toHaveLength(1);
  });

  it('may be Slack, PagerDuty and a signed webhook, whose secrets are named for each environment', () => {
    const signedWebhook = { address: { variable: 'RECEIVER' }, key: { parameter: '/pavi/{env}/key' } };
    const written = [
      { name: 'team', slack },
      { name: 'on-call', pagerduty, events: ['rolled-back'] },
      { name: 'log', signedWebhook },
    ];
    expect(people(editedText({ at: ['notify'], to: written }), 'prod').notify).toEqual(
      JSON.parse(JSON.stringify(written).replaceAll('{env}', 'prod')),
    );
  });

  it('prove the item team-notified by no channel of PagerDuty: nobody is woken for a start', () => {
    const problems = problemsAfter({ at: ['notify'], to: [{ name: 'a', pagerduty }] });
    expect(problems.map(({ problem }) => problem)).toEqual(['has no channel that gets the event started']);
  });

  it.each([
    ['no service', [{ name: 'a' }], /neither topic, webhook, slack, pagerduty nor signedWebhook/],
    ['both', [{ name: 'a', topic, webhook: { variable: 'HOOK' } }], /has topic and webhook/],
    ['an address in the plan', [{ name: 'a', webhook: 'https://hooks.slack.com/services/x' }], /must be/],
    ['an address as a key', [{ name: 'a', webhook: { url: 'https://x' } }], /unknown|not a key|neither/i],
    ['a webhook of nowhere', [{ name: 'a', webhook: {} }], /neither parameter, secret nor variable/],
    ['a token in the plan', [{ name: 'a', slack: { token: 'xoxb-1', channel: 'C0123456789' } }], /must be/],
    ['a token in two places', [{ name: 'a', slack: { ...slack, token: both } }], /has parameter and variable/],
    ['a channel by its name', [{ name: 'a', slack: { ...slack, channel: '#support' } }], /must be the id of a channel/],
    ['an address in plain text', [{ name: 'a', slack: { ...slack, api: 'http://example.org' } }], /https address/],
    ['a key of nowhere', [{ name: 'a', pagerduty: { routingKey: {} } }], /neither parameter, secret nor variable/],
    [
      'an event that opens no incident',
      [{ name: 'a', pagerduty, events: ['raised'] }],
      /opens no incident of PagerDuty/,
    ],
    [
      'a webhook without a key',
      [{ name: 'a', signedWebhook: { address: { variable: 'A' } } }],
      /missing|required|must/i,
    ],
    ['the ARN of a secret', [{ name: 'a', webhook: { secret: 'arn:aws:secretsmanager:x' } }], /not its ARN/],
    ['a FIFO topic', [{ name: 'a', topic: `${topic}.fifo` }], /not of a FIFO topic/],
    ['an event that is none', [{ name: 'a', topic, events: ['lunch'] }], /must be/],
    ['no event', [{ name: 'a', topic, events: [] }], /at least one/],
    ['a name twice', [1, 2].map(() => ({ name: 'a', topic })), /already used/],
    ['a variable in small letters', [{ name: 'a', webhook: { variable: 'hook' } }], /capital letters/],
  ])('are a problem: %s', (_what, to, problem) => {
    const problems = problemsAfter(withoutProof, { at: ['notify'], to });
    expect(problems.map((one) => one.problem).join('\n')).toMatch(problem);
    expect(problems.every(({ path, remedy }) => path.startsWith('notify') && remedy !== '')).toBe(true);
  });

  it('have a channel for the start where that has to prove an item', () => {
    const [problem, ...more] = problemsAfter({ at: ['notify'], to: [{ name: 'a', topic, events: ['held'] }] });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      path: 'environments[2].checklist[2].proof',
      problem: 'has no channel that gets the event started',
    });
  });
});
