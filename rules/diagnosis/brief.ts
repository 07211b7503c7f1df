import type { Diagnosis, Trouble } from './diagnosis';
import { diagnosisLine } from './diagnosis';
import { cutInTheMiddle } from '../format';

/** A diagnosis short enough for a rollout's state, status, result and notices. Plain JSON. */
export interface BriefDiagnosis {
  readonly atMs: number;
  /** In one line: the likely cause, that none was found, or why there is no diagnosis. */
  readonly line: string;
  /** In the runbook's order; empty when all checks were in order or no check could be made. */
  readonly causes: readonly BriefCause[];
  /** What was checked and found, when no cause is known. */
  readonly looked: readonly string[];
  /** The newest relevant lines of the logs, when no cause is known. */
  readonly logs: readonly string[];
}

export interface BriefCause {
  readonly trouble: Trouble;
  readonly id: string;
  readonly cause: string;
  readonly remedy: string;
  readonly evidence: readonly string[];
}

const MOST_CAUSES = 4;
const MOST_EVIDENCE = 2;
const MOST_LOOKS = 12;
const MOST_LINES = 4;
const LONGEST = 300;

/** Checks and log lines are listed only when no cause is known. */
export function brief(diagnosis: Diagnosis): BriefDiagnosis {
  const { atMs, causes, looks, logs } = diagnosis;
  const isKnown = causes.some(({ trouble }) => trouble !== 'unknown');
  const said = looks.map(
    ({ call, where, found, failed }) => `${call} ${where}: ${failed === true ? 'FAILED, ' : ''}${found}`,
  );
  const lines = logs.flatMap(({ group, lines: ofGroup }) => ofGroup.map(({ text }) => `${group}: ${text}`));
  return {
    atMs,
    line: short(diagnosisLine(diagnosis)),
    causes: causes.slice(0, MOST_CAUSES).map(({ trouble, id, cause, remedy, evidence }) => ({
      trouble,
      id,
      cause: short(cause),
      remedy: short(remedy),
      evidence: evidence.slice(0, MOST_EVIDENCE).map(({ where, says }) => short(`${says} (${where})`)),
    })),
    looked: isKnown ? [] : said.slice(0, MOST_LOOKS).map(short),
    logs: isKnown ? [] : lines.slice(-MOST_LINES).map(short),
  };
}

/** The diagnosis failed, and why. The rollout does not wait for another one. */
export function noDiagnosis(why: string, atMs: number): BriefDiagnosis {
  return { atMs, line: short(`no diagnosis: ${why}`), causes: [], looked: [], logs: [] };
}

const short = (text: string): string => cutInTheMiddle(text, LONGEST);
