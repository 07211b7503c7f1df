import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { FindingsOrder } from '../../../../activities/act/flag/findings';
import { createFindingsActions } from '../../../../activities/act/flag/findings';
import { createAwsFor } from '../../../../activities/aws';
import { createFlagObservations } from '../../../../activities/observe/flag/flags';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const nextAccount = freshAccounts(6);
const awsFor = createAwsFor();
const { writeFindings } = createFindingsActions(awsFor);
const { readFlag } = createFlagObservations(awsFor);

const parameter = '/pavi/prod/rollout-findings';
const rolledBack = { atMs: Date.UTC(2026, 10, 3), by: 'ada', reason: 'results differ', to: 'nextflow' };
const findings = { atMs: Date.UTC(2026, 10, 4), by: 'bob', text: 'A job definition was missing.' };
const write = (order: FindingsOrder) => activityEnvironment().run(writeFindings, order);
const flagOf = (aws: FindingsOrder['aws']) =>
  readFlag({ aws, flag: { parameter: '/pavi/prod/flag', salt: 'pavi' }, owed: { parameter, environment: 'prod' } });

it('findings are due from the full rollback on until they are written', async () => {
  const aws = nextAccount();
  await write({ aws, parameter, rolledBack });
  expect(await flagOf(aws)).toEqual({
    found: false,
    why: 'ada rolled back to nextflow at 2026-11-03T00:00:00.000Z (results differ), and the findings are not written yet: run `rollout findings prod --file FINDINGS.md`',
  });
  expect(await write({ aws, parameter, findings })).toEqual({ rolledBack, findings });
  expect(await flagOf(aws)).toMatchObject({ found: false, why: expect.stringContaining('does not exist') });
});

it('nothing is owed, and nothing to be written, where there was no full rollback', async () => {
  const aws = nextAccount();
  expect(await write({ aws, parameter, findings })).toBeUndefined();
  expect(await flagOf(aws)).toMatchObject({ why: expect.stringContaining('does not exist') });
});

it('what cannot be read is not taken for findings', async () => {
  const aws = nextAccount();
  await awsFor(aws).ssm.send(new PutParameterCommand({ Name: parameter, Value: '{}', Type: 'String' }));
  expect(await flagOf(aws)).toMatchObject({ found: false, why: expect.stringContaining('cannot be read') });
  await expect(write({ aws, parameter, findings })).rejects.toThrow(/cannot be read/);
});

it('findings that are too long for the parameter are refused', async () => {
  const order = { aws: nextAccount(), parameter, rolledBack, findings: { ...findings, text: 'x'.repeat(3_001) } };
  await expect(write(order)).rejects.toThrow(/3000 bytes/);
});
