import { duplicates, valueAt, type Finding } from './problems/plan-problem';

/** `diagnosis` names something, and nothing twice. */
export function diagnosisFindings(raw: unknown): readonly Finding[] {
  const written = valueAt(raw, ['diagnosis']);
  const isEmpty =
    typeof written === 'object' && written !== null && Object.keys(written).every((key) => key === 'within');
  const remedy = 'write stateMachine, jobQueue or another key under it, or take the key out';
  return [
    ...(isEmpty ? [{ path: ['diagnosis'], problem: 'names nothing to look at', remedy }] : []),
    ...duplicates(raw, ['diagnosis', 'jobDefinitions']),
    ...duplicates(raw, ['diagnosis', 'prefixes']),
    ...duplicates(raw, ['diagnosis', 'logGroups']),
  ];
}
