import { LabelParameterVersionCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { createFlagHistory } from '../../../../activities/observe/flag/flag-history';
import { formatFlags } from '../../../../flags/contract';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { awsFor } from '../../../helpers/samples/looks';

const nextAccount = freshAccounts(2);
const flag = { parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod' };
const { readFlagHistory } = createFlagHistory(awsFor);

describe('readFlagHistory', () => {
  it('returns every value with writer and time, over all pages, also an unreadable one', async () => {
    const aws = nextAccount();
    const { ssm } = awsFor(aws);
    const document = (generation: number): string =>
      formatFlags({ schema: 1, generation, writer: 'w', reason: 'r', salt: 'pavi-prod', percentage: 10 });
    for (let generation = 1; generation <= 60; generation += 1) {
      const value = generation === 60 ? 'oops' : document(generation);
      await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value: value, Type: 'String', Overwrite: true }));
    }
    const label = { Name: flag.parameter, ParameterVersion: 59, Labels: ['last-good'] };
    await ssm.send(new LabelParameterVersionCommand(label));
    const values = await readFlagHistory({ aws, flag });
    expect(values.map(({ version }) => version)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(values[0]).toMatchObject({
      by: expect.stringMatching(/^arn:aws:/),
      atMs: expect.any(Number),
      document: { percentage: 10, generation: 1, writer: 'w', reason: 'r' },
    });
    expect(values[58]).toMatchObject({ labels: ['last-good'] });
    expect(values[59]).toMatchObject({ version: 60, why: 'not JSON' });
  });

  it('is empty where there is no parameter', async () => {
    expect(await readFlagHistory({ aws: nextAccount(), flag })).toEqual([]);
  });
});
