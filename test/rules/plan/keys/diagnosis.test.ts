import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipelineNames } from '../../../../infra/pavi/names';
import { checkPlan } from '../../../../rules/plan/plan';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { editedText, PLANS, problemsAfter } from '../broken-plan';

function diagnosisOf(text: string, environment: string) {
  const checked = checkPlan(text);
  const resolved = checked.ok ? environmentPlan(checked.plan, environment) : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan.diagnosis;
}

describe('diagnosis', () => {
  it.each(['pavi.yaml', 'sandbox.yaml'])('names in plans/%s what the stacks are called', (file) => {
    const names = pipelineNames('staging');
    expect(diagnosisOf(readFileSync(join(PLANS, file), 'utf8'), 'staging')).toMatchObject({
      stateMachine: names.stateMachine,
      jobQueue: names.jobQueue,
      computeEnvironment: names.computeEnvironment,
      jobDefinitions: [names.seqRetrievalJob, names.alignmentJob],
      bucket: names.bucket,
      prefixes: ['work/', 'executions/'],
      logGroups: expect.arrayContaining([names.logGroup]) as string[],
    });
  });

  it('may be left out, and each of its keys too', () => {
    expect(diagnosisOf(editedText({ at: ['diagnosis'] }), 'prod')).toBeUndefined();
    expect(diagnosisOf(editedText({ at: ['diagnosis'], to: { bucket: 'files-{env}' } }), 'prod')).toEqual({
      bucket: 'files-prod',
    });
  });

  it.each([
    ['names nothing', {}, /names nothing to read/],
    ['a key that does not exist', { queue: 'q-{env}' }, /unknown|not a key|no key/i],
    ['a queue of all environments', { jobQueue: 'queue' }, /must contain \{env\}/],
    ['a queue with a dot', { jobQueue: 'queue.{env}' }, /letters, digits/],
    ['a bucket in capitals', { bucket: 'Files-{env}' }, /name of a bucket/],
    ['a bucket with too long a name', { bucket: `${'x'.repeat(60)}-{env}` }, /AWS allows 63/],
    ['a definition with too long a name', { jobDefinitions: [`${'x'.repeat(128)}-{env}`] }, /AWS allows 128/],
    ['a prefix that is none', { prefixes: ['/work'] }, /must end with \//],
    ['the same log group twice', { logGroups: ['/a', '/a'] }, /already used by item 1/],
    ['no job definition', { jobDefinitions: [] }, /at least one/],
  ])('is a problem: %s', (_what, to, problem) => {
    const problems = problemsAfter({ at: ['diagnosis'], to });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toMatch(/^diagnosis/);
    expect(problems[0]?.problem).toMatch(problem);
    expect(problems[0]?.remedy).not.toBe('');
  });
});
