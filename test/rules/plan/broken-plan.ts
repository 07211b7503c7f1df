import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { checkPlan, type Problem } from '../../../rules/plan';
import type { Path } from '../../../rules/plan-problems';

export const PLANS = join(__dirname, '../../../plans');

/** One change to `plans/pavi.yaml`; without `to` the key is taken out. */
export interface Edit {
  readonly at: Path;
  readonly to?: unknown;
}

/** The problems of `plans/pavi.yaml` after some changes. */
export function problemsAfter(...edits: readonly Edit[]): readonly Problem[] {
  const document = parseDocument(readFileSync(join(PLANS, 'pavi.yaml'), 'utf8'));
  for (const { at, to } of edits) {
    if (to === undefined) document.deleteIn(at);
    else document.setIn(at, typeof to === 'object' ? document.createNode(to) : to);
  }
  return problemsOf(document.toString());
}

export function problemsOf(text: string): readonly Problem[] {
  const checked = checkPlan(text);
  return checked.ok ? [] : checked.problems;
}
