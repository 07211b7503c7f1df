import { pipelineDefinition } from '../../../infra/pavi/pipeline-definition';
import { Regression } from '../../../sandbox/api/regression';
import { minimalJob, mustFailJob, variantJob } from '../../../sandbox/pipeline/sample-jobs';
import { sfnMockConfig } from '../../../sandbox/pipeline/mock-responses';

/** Names of all task states, in Map states too. */
function tasksOf(definition: object): string[] {
  const { States = {} } = definition as { States?: Record<string, { Type: string; ItemProcessor?: object }> };
  return Object.entries(States).flatMap(([name, state]) =>
    state.Type === 'Task' ? [name] : state.ItemProcessor ? tasksOf(state.ItemProcessor) : [],
  );
}

const definition = pipelineDefinition({
  bucket: 'bucket',
  batch: { jobQueue: 'queue', seqRetrievalJob: 'retrieval', alignmentJob: 'alignment' },
  timeoutSeconds: 1800,
  maxParallelRetrievals: 40,
});

it('answers every Batch task of the pipeline in every case and environment', () => {
  const { StateMachines, MockedResponses } = sfnMockConfig();
  expect(Object.keys(StateMachines)).toEqual(['dev', 'staging', 'prod'].map((env) => `pavi-pipeline-sfn-${env}`));
  for (const { TestCases } of Object.values(StateMachines))
    for (const answers of Object.values(TestCases)) {
      expect(Object.keys(answers).sort()).toEqual(tasksOf(definition).sort());
      for (const answer of Object.values(answers)) expect(MockedResponses).toHaveProperty(answer);
    }
});

it.each([
  [false, 'minimal', minimalJob, 'succeeds'],
  [false, 'variant', variantJob, 'succeeds'],
  [false, 'must-fail', mustFailJob, 'retrieval-fails'],
  [false, 'empty', [], 'retrieval-fails'],
  [true, 'minimal', minimalJob, 'succeeds'],
  [true, 'variant', variantJob, 'alignment-fails'],
  [true, 'must-fail', mustFailJob, 'retrieval-fails'],
])('regression %s: the %s job %s', (on, _name, job, expected) => {
  const regression = new Regression();
  regression.on = on;
  expect(regression.caseOf(job)).toBe(expected);
});
