import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createFindingsActions } from '../../../../activities/act/flag/findings';
import { createFlagActions } from '../../../../activities/act/flag/flags';
import { createFreezeActions } from '../../../../activities/act/flag/freezes';
import { createOwnerActions } from '../../../../activities/act/flag/owner';
import { createRecordActions } from '../../../../activities/act/stacks/deployment-record';
import { createAwsFor } from '../../../../activities/aws';
import { createBreakGlass } from '../../../../activities/break-glass';
import { createFreezeObservations } from '../../../../activities/observe/flag/freezes';
import { parseFlags } from '../../../../flags';
import type { Freeze } from '../../../../rules/plan/environment-plan';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { foreignText, numbers } from '../../../helpers/samples/foreign-texts';
import { type SsmRules, startSsmRules } from '../../../helpers/aws/ssm-rules';

// The emulator, behind what SSM documents of a value. Every client of this file is made after the variable is set.
const nextAccount = freshAccounts(10);
const emulator = process.env['AWS_ENDPOINT_URL'] ?? '';
const flag = { parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod' };
const awsFor = createAwsFor();
let rules: SsmRules;

beforeAll(async () => {
  rules = await startSsmRules(emulator);
  process.env['AWS_ENDPOINT_URL'] = rules.url;
});
afterAll(async () => {
  process.env['AWS_ENDPOINT_URL'] = emulator;
  await rules.close();
});
beforeEach(() => {
  jest.spyOn(console, 'log').mockImplementation();
  rules.also = () => false;
  rules.refused.length = 0;
});

const next = numbers(17);
const TEXTS = [
  ...['see {{ ticket }}', '{{ssm:/pavi/prod/x}}', 'game day {{ scenario }}', '}}{{', '{"a":{"b":{}}}', '\0\ud800'],
  ...['ä'.repeat(5_000), '🧬'.repeat(5_000), '{'.repeat(5_000), '\u0001'.repeat(5_000)],
  ...Array.from({ length: 4 }, () => foreignText(next)),
];

type Aws = ReturnType<typeof nextAccount>;
async function flagIn(aws: Aws) {
  const { Parameter } = await new SSMClient(aws).send(new GetParameterCommand({ Name: flag.parameter }));
  const parsed = parseFlags(Parameter?.Value ?? '');
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.document;
}
const at25 = (aws: Aws) =>
  new SSMClient(aws).send(
    new PutParameterCommand({
      ...{ Name: flag.parameter, Type: 'String', Overwrite: true },
      Value: JSON.stringify({ schema: 1, generation: 4, writer: 'r', reason: '', salt: 'pavi-prod', percentage: 25 }),
    }),
  );
const setTraffic = (aws: Aws, percentage: number, reason: string) =>
  activityEnvironment().run(createFlagActions(awsFor).setTraffic, {
    ...{ aws, flag, percentage, reason, writer: 'rollout-pavi-prod/run-1', generation: 5 },
  });
async function guard(aws: Aws, parameter: string): Promise<void> {
  const guarded = {
    alarms: ['{{ alarm }} 🧬'],
    graceMs: 0,
    fullForMs: 0,
    parameter,
    salt: 'pavi-prod',
    lateWriteMs: 1,
  };
  process.env['GUARDIAN'] = JSON.stringify(guarded);
  process.env['AWS_PROFILE'] = aws.profile;
  try {
    const body = { AlarmName: '{{ alarm }} 🧬', NewStateValue: 'ALARM', StateChangeTime: new Date().toISOString() };
    // Its client is made, and finds its profile, when the file is loaded.
    let loaded: typeof import('../../../../infra/guardian-handler') | undefined;
    jest.isolateModules(() => (loaded = require('../../../../infra/guardian-handler')));
    await loaded?.handler({ Records: [{ body: JSON.stringify(body) }] });
  } finally {
    delete process.env['AWS_PROFILE'];
  }
}

describe('no text keeps a document from being written', () => {
  it('the flag, by the rollout and by break-glass', async () => {
    const aws = nextAccount();
    for (const reason of TEXTS) {
      await at25(aws);
      expect(await setTraffic(aws, 0, reason)).toMatchObject({ status: 'written', percentage: 0 });
      expect((await flagIn(aws)).percentage).toBe(0);
      await at25(aws);
      const written = await createBreakGlass(aws, flag).writeZero({ writer: `break-glass by ${reason}`, reason });
      expect(written).toMatchObject({ status: 'zero', readBack: { percentage: 0 } });
    }
    expect(rules.refused).toEqual([]);
  });

  it('owner, freezes, findings and record, also as they grow', async () => {
    const aws = nextAccount();
    const { takeOwner, releaseOwner } = createOwnerActions(awsFor, { cluster: 'here' });
    const { writeFreezes } = createFreezeActions(awsFor);
    const { writeFindings } = createFindingsActions(awsFor);
    const { recordDeployed, recordVerified } = createRecordActions(awsFor);
    const place = { aws, service: 'pavi', environment: 'prod' };
    const run = { workflowId: 'deployment-pavi-prod', runId: 'run', atMs: 1 };
    for (const [index, text] of TEXTS.entries()) {
      const by = text;
      const claim = { ...place, parameter: '/owner', workflowId: 'w', firstRunId: 'f', by, sinceMs: 1 };
      expect(await activityEnvironment().run(takeOwner, claim)).toEqual({ taken: true });
      await activityEnvironment().run(releaseOwner, claim);
      const freeze = { fromMs: Date.now(), toMs: Date.now() + 3_600_000 + index, reason: text, by };
      const stand: Freeze[] = await activityEnvironment().run(writeFreezes, { aws, parameter: '/freezes', freeze });
      expect(stand.map(({ toMs }) => toMs)).toContain(freeze.toMs);
      const rolledBack = { atMs: 1, by, reason: text };
      await activityEnvironment().run(writeFindings, { aws, parameter: '/findings', rolledBack });
      const findings = { atMs: 2, by, text: `found: ${text}`.slice(0, 700) };
      const found = await activityEnvironment().run(writeFindings, { aws, parameter: '/findings', findings });
      expect(found).toMatchObject({ findings: { text: expect.stringContaining('found:') } });
      const deployed = { ...run, by, template: 't', nextTemplates: { staging: 't' }, states: { Stack: 's' } };
      await activityEnvironment().run(recordDeployed, { ...place, deployed });
      const verified = { ...run, by, template: 't', passed: false, why: text };
      const record = await activityEnvironment().run(recordVerified, { ...place, verified });
      expect(record).toMatchObject({ deployed: { template: 't' }, verified: { passed: false } });
    }
    expect(await createFreezeObservations(awsFor).readFreezes({ aws, parameter: '/freezes' })).toHaveLength(
      TEXTS.length,
    );
    expect(rules.refused).toEqual([]);
  });

  it('the zero of the guardian, whose reason names an alarm', async () => {
    const aws = nextAccount();
    await at25(aws);
    await guard(aws, flag.parameter);
    expect(await flagIn(aws)).toMatchObject({ percentage: 0, reason: expect.stringContaining('{{ alarm }} 🧬 fired') });
    expect(rules.refused).toEqual([]);
  });
});

describe('an unexpected refusal', () => {
  beforeEach(() => (rules.also = (value) => value.includes('ticket')));

  it('costs the zero of rollout and break-glass its reason, in the same attempt, and nothing else', async () => {
    const aws = nextAccount();
    await at25(aws);
    expect(await setTraffic(aws, 0, 'see ticket 17')).toMatchObject({ status: 'written', percentage: 0 });
    expect(await flagIn(aws)).toMatchObject({ percentage: 0, writer: 'rollout-pavi-prod/run-1', salt: 'pavi-prod' });
    expect((await flagIn(aws)).reason).toMatch(/^left out/);
    expect(rules.refused).toHaveLength(1);
    // Once more, as after a lost answer, only confirms it.
    expect(await setTraffic(aws, 0, 'see ticket 17')).toMatchObject({ status: 'written', percentage: 0 });
    expect(rules.refused).toHaveLength(1);

    await at25(aws);
    const order = { writer: 'break-glass by ada', reason: 'see ticket 17' };
    expect(await createBreakGlass(aws, flag).writeZero(order)).toMatchObject({ status: 'zero' });
    expect(await flagIn(aws)).toMatchObject({ percentage: 0, writer: 'break-glass by ada' });
  });

  it('costs the zero of the guardian its reason', async () => {
    rules.also = (value) => value.includes('fired');
    const aws = nextAccount();
    await at25(aws);
    await guard(aws, flag.parameter);
    expect(await flagIn(aws)).toMatchObject({ percentage: 0, writer: 'guardian' });
  });

  it('costs a freeze its reason and never its times, and refuses findings rather than losing them', async () => {
    const aws = nextAccount();
    const freeze = { fromMs: Date.now(), toMs: Date.now() + 3_600_000, reason: 'ticket 17', by: 'ada' };
    const { writeFreezes } = createFreezeActions(awsFor);
    expect(await activityEnvironment().run(writeFreezes, { aws, parameter: '/freezes', freeze })).toEqual([
      { ...freeze, reason: '', by: '' },
    ]);
    const { writeFindings } = createFindingsActions(awsFor);
    const rolledBack = { atMs: 1, by: 'ada', reason: 'ticket 17' };
    await activityEnvironment().run(writeFindings, { aws, parameter: '/findings', rolledBack });
    const findings = { atMs: 2, by: 'ada', text: 'ticket 17' };
    const order = { aws, parameter: '/findings', findings };
    await expect(activityEnvironment().run(writeFindings, order)).rejects.toMatchObject({ type: 'InvalidRequest' });
  });
});
