import type { Diagnosis, Trouble } from './diagnosis';
import { diagnosisLine } from './diagnosis';
import { cutInTheMiddle } from '../format';

/** A diagnosis short enough to be carried by a rollout: in its state, status and result, and in a message. Plain JSON. */
export interface BriefDiagnosis {
  readonly atMs: number;
  /** In one line: the likely cause, or that none was found, or why nobody knows. */
  readonly line: string;
  /** The runbook's order; empty when nothing that was looked at is out of order, or nothing could be looked at. */
  readonly causes: readonly BriefCause[];
  /** What was looked at and found, when no cause is known. */
  readonly looked: readonly string[];
  /** The newest telling lines of the logs, when no cause is known. */
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

/** Who knows the cause needs no list of looks; who does not is told what was looked at. */
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

/** Nobody knows the cause, and why. That is no reason to wait for anything. */
export function noDiagnosis(why: string, atMs: number): BriefDiagnosis {
  return { atMs, line: short(`no diagnosis: ${why}`), causes: [], looked: [], logs: [] };
}

const short = (text: string): string => cutInTheMiddle(text, LONGEST);
