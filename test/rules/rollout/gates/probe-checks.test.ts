import type { CheckOutcome } from '../../../../rules/checks/check';
import { probedBy } from '../../../../rules/rollout/gates/probe';

it.each<[readonly CheckOutcome[], string, string]>([
  [['yes', 'yes'], 'passed', '0: because; 1: because'],
  [['yes', 'no'], 'refused', '1: because'],
  [['unknown', 'yes'], 'not-known', '0: NOT KNOWN: because'],
  [['unknown', 'no'], 'refused', '1: because'],
  [['no', 'no'], 'refused', '0: because; 1: because'],
])('a probe with the answers %j', (outcomes, verdict, why) => {
  const answers = outcomes.map((outcome, i) => ({ name: String(i), outcome, why: 'because' }));
  expect(probedBy(answers)).toEqual({ verdict, why });
});
