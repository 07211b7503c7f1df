import { fitting, PARAMETER_BYTES } from '../../../flags/parameter-text';
import type { IndexedDeployment, KeptDeployment } from '../../../rules/stacks/kept';
import { keptForms, keptKeys, withKept, without } from '../../../rules/stacks/kept';
import { parseKept, parseKeptList } from '../../../rules/stacks/parse-kept';

const textOf = (deployments: readonly IndexedDeployment[]): string => fitting(keptForms(deployments))?.text ?? '';
const kept = (runId: string, state = 'a'): KeptDeployment => ({
  workflowId: 'deployment-pavi-prod',
  runId,
  atMs: 1,
  bucket: 'assets',
  stacks: [{ name: 'S', template: 't', state }],
});

describe('the index of what is kept', () => {
  it('is read as it was written', () =>
    expect(parseKept(textOf([kept('1'), kept('2')]))).toEqual([kept('1'), kept('2')]));

  it('is written empty when nothing is kept', () => expect(parseKept(textOf([]))).toEqual([]));

  it.each(['', 'null', '{}', '{"schema":2,"deployments":[]}', '{"schema":1,"deployments":[{}]}'])(
    'is not known when it says %s',
    (text) => expect(parseKept(text)).toBeUndefined(),
  );

  it('counts a deployment once that is kept twice, and forgets it alone', () => {
    const twice = withKept([kept('1'), kept('2', 'old')], kept('2', 'new'));
    expect(twice).toEqual([kept('1'), kept('2', 'new')]);
    expect(without(twice, '2')).toEqual([kept('1')]);
  });

  it('drops the oldest when the parameter is full, never the newest', () => {
    const many = Array.from({ length: 60 }, (_unused, index) => kept(`run-${index}`));
    const text = textOf(many);
    expect(text.length).toBeLessThanOrEqual(PARAMETER_BYTES);
    expect(parseKept(text)?.at(-1)?.runId).toBe('run-59');
    expect(parseKept(text)?.length).toBeGreaterThan(10);
  });

  it('has the stacks of no deployment, which are listed beside it; one of an older version has them', () => {
    const { stacks, ...listed } = kept('2');
    expect(parseKept(textOf([kept('1'), listed]))).toEqual([kept('1'), listed]);
    expect(parseKeptList(JSON.stringify(stacks))).toEqual(stacks);
    expect(parseKeptList('{}')).toBeUndefined();
  });

  it('finds the objects by workflow, run, stack and hash', () => {
    const one = kept('9');
    const [stack] = one.stacks;
    if (stack === undefined) throw new Error('no stack');
    expect(keptKeys(one, stack)).toEqual({
      template: 'rollout-kept/deployment-pavi-prod/9/S/t.template',
      state: 'rollout-kept/deployment-pavi-prod/9/S/a.json',
    });
  });
});
