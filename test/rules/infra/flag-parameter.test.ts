import { Stack } from 'aws-cdk-lib';
import fc from 'fast-check';
import { type FlagDocument, formatFlags, parseFlags } from '../../../flags/contract';
import { fieldsFor } from '../../../flags/format';
import { flagParameter, flagPattern } from '../../../infra/flag-parameter';
import { PAVI_KEYS } from '../../../pavi/flag';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';

const stack = new Stack(anApp(), 'Flags');
flagParameter(stack, 'FlagParameter', {
  parameter: '/pavi/prod/step-functions-rollout',
  salt: 'pavi-prod',
  format: PAVI_KEYS,
});
const [parameter] = Object.values(templateOf(stack).findResources('AWS::SSM::Parameter'));
const pattern = flagPattern(PAVI_KEYS);
const allowed = new RegExp(pattern);

const documents: fc.Arbitrary<FlagDocument> = fc.record({
  schema: fc.constant(1 as const),
  generation: fc.nat(),
  writer: fc.string(),
  reason: fc.string({ unit: 'binary' }),
  salt: fc.string(),
  percentage: fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100),
});

describe('flagParameter', () => {
  it('holds a document that readers trust, at 0 %', () => {
    const parsed = parseFlags(parameter?.['Properties'].Value, PAVI_KEYS);
    expect(parsed).toMatchObject({ ok: true, document: { generation: 0, salt: 'pavi-prod' } });
    if (parsed.ok) expect(parsed.document.percentage).toBe(0);
  });

  it('stays when it leaves the stack: a deleted one would leave every running API without flags', () => {
    expect(parameter).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  it('has a pattern that SSM takes: at most 1024 characters', () => {
    expect(parameter?.['Properties'].AllowedPattern).toBe(pattern);
    expect(pattern.length).toBeLessThanOrEqual(1024);
  });
});

describe('flagPattern', () => {
  it('takes every document that can be written: a refused zero would be worse than any wrong text', () => {
    fc.assert(fc.property(documents, (document) => allowed.test(formatFlags(document, PAVI_KEYS))));
  });

  it('takes the fields in any order and with white space', () => {
    const reversed = Object.fromEntries(Object.entries({ ...document(0) }).reverse());
    expect(JSON.stringify(reversed, null, 2)).toMatch(allowed);
  });

  const document = (percentage: number): object => ({
    ...{ schema: 1, generation: 3, writer: 'me', reason: 'why', salt: 's' },
    ...fieldsFor(percentage, PAVI_KEYS),
  });

  it.each([
    ['nothing', ''],
    ['a number', '0'],
    ['a word', 'false'],
    ['an empty object', '{}'],
    ['a cut document', JSON.stringify(document(10)).slice(0, -1)],
    ['a percentage above 100', JSON.stringify(document(101))],
    ['a negative percentage', JSON.stringify(document(-1))],
    ['a percentage in quotes', JSON.stringify({ ...document(10), STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: '10' })],
    ['a switch in quotes', JSON.stringify({ ...document(10), USE_STEP_FUNCTIONS: 'true' })],
    ['another schema', JSON.stringify({ ...document(10), schema: 2 })],
    ['a list', JSON.stringify([document(10)])],
  ])('refuses %s', (_what, text) => expect(text).not.toMatch(allowed));
});
