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

  it.each([
    ['neither topic nor webhook', [{ name: 'a' }], /neither topic nor webhook/],
    ['both', [{ name: 'a', topic, webhook: { variable: 'HOOK' } }], /both topic and webhook/],
    ['an address in the plan', [{ name: 'a', webhook: 'https://hooks.slack.com/services/x' }], /must be/],
    ['an address as a key', [{ name: 'a', webhook: { url: 'https://x' } }], /unknown|not a key|neither/i],
    ['a webhook of nowhere', [{ name: 'a', webhook: {} }], /neither parameter nor variable/],
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
