import fc from 'fast-check';
import { parameterText } from '../../../flags/parameter-text';
import type { Deployed, DeploymentRecord, Verified } from '../../../rules/stacks/deployment-record';
import {
  deployedParameterOf,
  isVerified,
  NOTHING_DEPLOYED,
  whyNotVerified,
  withDeployed,
  withoutDeployed,
  withVerified,
} from '../../../rules/stacks/deployment-record';
import { parseRecord } from '../../../rules/stacks/parse-record';

const run = { atMs: Date.UTC(2026, 10, 24, 12), by: 'ada', workflowId: 'deployment-pavi-staging', runId: 'run' };
const deployed = (changes: Partial<Deployed> = {}): Deployed => ({
  ...run,
  template: 't1',
  nextTemplates: { prod: 'p1' },
  ...changes,
});
const verified = (changes: Partial<Verified> = {}): Verified => ({
  ...run,
  workflowId: 'verification-pavi-staging',
  template: 't1',
  passed: true,
  why: 'every part passed',
  ...changes,
});
const recordOf = (...parts: [Deployed?, Verified?]): DeploymentRecord => ({
  schema: 1,
  deployed: parts[0],
  verified: parts[1],
});

const template = fc.constantFrom('t1', 't2', 't3');
const anyDeployed = fc.record(
  {
    atMs: fc.nat(),
    by: fc.string(),
    workflowId: fc.string(),
    runId: fc.string(),
    template,
    nextTemplates: fc.dictionary(fc.constantFrom('dev', 'staging', 'prod'), template),
    revision: fc.string(),
    states: fc.dictionary(fc.constantFrom('PaviComputeStack-prod', 'PaviStepFunctionsStack-prod'), fc.string()),
  },
  { requiredKeys: ['atMs', 'by', 'workflowId', 'runId', 'template', 'nextTemplates'] },
);
const anyVerified = fc.record({
  atMs: fc.nat(),
  by: fc.string(),
  workflowId: fc.string(),
  runId: fc.string(),
  template,
  passed: fc.boolean(),
  why: fc.string(),
});
const anyRecord = fc
  .tuple(fc.option(anyDeployed, { nil: undefined }), fc.option(anyVerified, { nil: undefined }))
  .map((parts) => recordOf(...parts));

it('has a parameter of its own for each environment', () =>
  expect(deployedParameterOf({ service: 'pavi', environment: 'prod' })).toBe('/rollout/pavi/prod/deployed'));

describe('parseRecord', () => {
  it('reads back what is written', () =>
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(parseRecord(parameterText(record))).toEqual({ ok: true, record: JSON.parse(parameterText(record)) });
      }),
    ));

  it('reads a record of nothing', () =>
    expect(parseRecord('{"schema":1}')).toEqual({ ok: true, record: NOTHING_DEPLOYED }));

  it.each([
    ['nothing', ''],
    ['half a document', '{"schema":1,'],
    ['a later schema', '{"schema":2}'],
    ['a document without a schema', '{}'],
    [
      'a deployment of no template',
      '{"schema":1,"deployed":{"atMs":1,"by":"","workflowId":"","runId":"","nextTemplates":{}}}',
    ],
    ['an empty template', JSON.stringify(recordOf(deployed({ template: '' })))],
    ['no nextTemplates', JSON.stringify({ ...recordOf(), deployed: { ...deployed(), nextTemplates: undefined } })],
    [
      'a verification that neither passed nor failed',
      JSON.stringify({ schema: 1, verified: { ...verified(), passed: 'yes' } }),
    ],
  ])('takes %s for unreadable, not for none', (_name, text) =>
    expect(parseRecord(text)).toEqual({ ok: false, why: expect.any(String) }),
  );

  it('says which part it is', () =>
    expect(parseRecord(JSON.stringify(recordOf(deployed({ template: '' }))))).toMatchObject({
      why: expect.stringContaining('deployed.template'),
    }));
});

describe('what is known after each step', () => {
  it('is verified only while the very template that passed is deployed', () =>
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(isVerified(record)).toBe(
          record.deployed !== undefined &&
            record.verified?.passed === true &&
            record.verified.template === record.deployed.template,
        );
      }),
    ));

  it('stays verified through a deployment of the same template, also when it was not known for a while', () => {
    const before = recordOf(deployed(), verified());
    expect(isVerified(withDeployed(before, deployed({ atMs: 2, runId: 'again' })))).toBe(true);
    expect(isVerified(withoutDeployed(before))).toBe(false);
    expect(isVerified(withDeployed(withoutDeployed(before), deployed()))).toBe(true);
  });

  it('forgets what was verified of another template, also when the first one comes back', () => {
    const other = withDeployed(recordOf(deployed(), verified()), deployed({ template: 't2' }));
    expect(other.verified).toBeUndefined();
    expect(isVerified(withDeployed(other, deployed()))).toBe(false);
  });

  it('keeps the newest verification, also one that failed after one that passed', () => {
    const failed = withVerified(recordOf(deployed(), verified()), verified({ passed: false, why: 'no golden output' }));
    expect(isVerified(failed)).toBe(false);
    expect(isVerified(withVerified(failed, verified()))).toBe(true);
  });

  it('fits into a parameter, for any input', () => {
    const long = 'x'.repeat(10_000);
    const nextTemplates = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`environment-${i}`, 'aaaabbbbcccc']),
    );
    const states = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${'S'.repeat(60)}-${i}`, 'a'.repeat(16)]));
    const record = withDeployed(
      NOTHING_DEPLOYED,
      deployed({ by: long, nextTemplates, states, revision: 'a'.repeat(46) }),
    );
    expect(parameterText(withVerified(record, verified({ by: long, why: long }))).length).toBeLessThan(4_096);
  });
});

describe('whyNotVerified', () => {
  it.each<[string, DeploymentRecord, string | undefined]>([
    ['nothing is deployed', recordOf(undefined, verified()), 'nothing is known to be deployed'],
    ['it never was', recordOf(deployed()), 'template t1 is deployed, but was never verified'],
    [
      'another one was',
      recordOf(deployed(), verified({ template: 't0' })),
      'template t1 is deployed, but the verification was of template t0',
    ],
    [
      'it failed',
      recordOf(deployed(), verified({ passed: false, why: 'the test job was lost' })),
      'template t1 is deployed, but failed its verification at Tue 24 Nov 2026 12:00:00 UTC: the test job was lost',
    ],
    ['it is', recordOf(deployed(), verified()), undefined],
  ])('when %s', (_name, record, why) => expect(whyNotVerified(record)).toBe(why));
});
