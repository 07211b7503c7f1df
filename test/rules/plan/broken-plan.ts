import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { checkPlan, type Problem } from '../../../rules/plan/plan';
import { type Path, pathText } from '../../../rules/plan/problems/problems';

export const PLANS = join(__dirname, '../../../plans');

/** One change to a plan; without `to` the key is taken out. */
export interface Edit {
  readonly at: Path;
  readonly to?: unknown;
}

/** `plans/pavi.yaml` after some changes, without its guards, which depend on its steps, and without its checks. */
export function editedText(...edits: readonly Edit[]): string {
  const document = parseDocument(readFileSync(join(PLANS, 'pavi.yaml'), 'utf8'));
  document.deleteIn(['watch', 'guards']);
  document.deleteIn(['checks']);
  document.deleteIn(['fallback']);
  document.deleteIn(['environments', 0, 'watch']);
  for (const { at, to } of edits) {
    if (to === undefined) document.deleteIn(at);
    else document.setIn(at, typeof to === 'object' ? document.createNode(to) : to);
  }
  return document.toString();
}

/** Their problems. */
export function problemsAfter(...edits: readonly Edit[]): readonly Problem[] {
  return problemsOf(editedText(...edits));
}

export function problemsOf(text: string): readonly Problem[] {
  const checked = checkPlan(text);
  return checked.ok ? [] : checked.problems;
}

/** A problem at a path, by its words and its remedy. */
export const problemAt = (at: Path, problem: RegExp, remedy: RegExp): unknown =>
  expect.objectContaining({
    path: pathText(at),
    problem: expect.stringMatching(problem),
    remedy: expect.stringMatching(remedy),
  });
