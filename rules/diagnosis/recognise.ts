import type { Cause, Recognised, Trouble } from './diagnosis';
import type { Evidence, Signs } from './signs';
import { computeCauses } from './recognise-compute';
import { executionCauses } from './recognise-executions';
import { storageCauses } from './recognise-storage';
import { cutInTheMiddle } from '../format';

const MOST_EVIDENCE = 5;
/** A bucket policy can have 20 KB. */
const LONGEST = 1_000;
const ORDER: readonly Trouble[] = ['executions-fail', 'jobs-do-not-start', 's3-access-denied', 'unknown'];

/** The causes that the signs point to: the runbook's troubles in its order, the unknown last. */
export function recognise(signs: Signs): readonly Cause[] {
  const merged = mergedById([...executionCauses(signs), ...computeCauses(signs), ...storageCauses(signs)]);
  const explained = withoutExplainedSymptoms(merged);
  return ORDER.flatMap((trouble) => explained.filter((cause) => cause.trouble === trouble)).map(told);
}

function mergedById(causes: readonly Recognised[]): readonly Recognised[] {
  const byId = new Map<string, Recognised>();
  for (const cause of causes) {
    const key = `${cause.trouble} ${cause.id}`;
    const known = byId.get(key);
    byId.set(key, known === undefined ? cause : withEvidence(known, cause.evidence));
  }
  return [...byId.values()];
}

/** A symptom of the same trouble becomes evidence of the first cause that explains it. */
function withoutExplainedSymptoms(causes: readonly Recognised[]): readonly Recognised[] {
  const explanations = causes.filter(({ isSymptom }) => isSymptom !== true);
  const explains = (cause: Recognised): Recognised | undefined =>
    explanations.find(({ trouble }) => trouble === cause.trouble);
  const symptoms = causes.filter(({ isSymptom }) => isSymptom === true);
  const unexplained = symptoms.filter((symptom) => explains(symptom) === undefined);
  const explained = explanations.map((cause) =>
    symptoms
      .filter((symptom) => explains(symptom) === cause)
      .reduce((sum, { evidence }) => withEvidence(sum, evidence), cause),
  );
  return [...explained, ...unexplained];
}

const withEvidence = (cause: Recognised, more: readonly Evidence[]): Recognised => ({
  ...cause,
  evidence: [...cause.evidence, ...more],
});

function told({ trouble, id, cause, remedy, evidence }: Recognised): Cause {
  const said = new Set<string>();
  const distinct = evidence.filter(({ where, says }) => {
    const key = `${where} ${says}`;
    return said.has(key) ? false : said.add(key);
  });
  return { trouble, id, cause, remedy, evidence: distinct.slice(0, MOST_EVIDENCE).map(shortened) };
}

const shortened = (evidence: Evidence): Evidence => ({ ...evidence, says: cutInTheMiddle(evidence.says, LONGEST) });
