import { pipelineDefinition } from '../../../infra/pavi/pipeline-definition';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly ResultPath?: null;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Retry?: readonly object[];
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Choices?: readonly { readonly Next: string }[];
  readonly ItemProcessor?: { readonly StartAt: string; readonly States: Record<string, State> };
  readonly Parameters?: { readonly ContainerOverrides?: { readonly Command: readonly string[] } };
}

const definition = pipelineDefinition({
  bucket: 'bucket',
  batch: { jobQueue: 'queue', seqRetrievalJob: 'retrieval', alignmentJob: 'alignment' },
  timeoutSeconds: 1800,
  maxParallelRetrievals: 40,
}) as { readonly StartAt: string; readonly TimeoutSeconds: number; readonly States: Record<string, State> };

const nextOf = (state: State): readonly string[] =>
  [
    state.Next,
    state.Default,
    ...(state.Catch ?? []).map(({ Next }) => Next),
    ...(state.Choices ?? []).map(({ Next }) => Next),
  ].filter((name) => name !== undefined);
const inner = definition.States['RetrieveSequences']!.ItemProcessor!.States;
const tasks = Object.entries({ ...definition.States, ...inner }).filter(([, { Type }]) => Type === 'Task');

describe('pipelineDefinition', () => {
  it('ends after 30 minutes at the latest', () => expect(definition.TimeoutSeconds).toBe(1800));

  it('names only states that exist, and reaches each of them', () => {
    const reached = new Set([definition.StartAt, ...Object.values(definition.States).flatMap(nextOf)]);
    expect([...reached].sort()).toEqual(Object.keys(definition.States).sort());
    expect(Object.values(inner).flatMap(({ Next }) => Next ?? [])).toEqual([]);
  });

  it('loses no input: no task writes its result over it', () => {
    expect(tasks.map(([name]) => name).sort()).toEqual(['AlignSequences', 'CollectResults', 'RetrieveSequence']);
    for (const [, task] of tasks) expect(task.ResultPath).toBeNull();
  });

  it('waits for every job, tries it again, and catches its failure', () => {
    for (const [name, task] of tasks) {
      expect(task.Resource).toBe('arn:aws:states:::batch:submitJob.sync');
      expect(task.Retry).not.toHaveLength(0);
      const caughtBy = name in inner ? definition.States['RetrieveSequences']! : task;
      expect(caughtBy.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'WhoseFault' }]);
    }
  });

  it('keeps data out of the text of commands', () => {
    for (const [, { Parameters }] of tasks) {
      const command = Parameters!.ContainerOverrides!.Command;
      expect(command.slice(0, 4)).toEqual(['bash', '-euo', 'pipefail', '-c']);
      expect(command.join(' ')).not.toMatch(/States\.|\$\./);
    }
  });
});
