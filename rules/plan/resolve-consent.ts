import { durationMs } from './duration';
import type { Approvals, ChecklistItem, Proof } from './environment-plan';
import type { Plan } from './schema';

type Environment = Plan['environments'][number];
type WrittenApprovals = Environment['approvals'];

const DAY_MS = 86_400_000;

export function resolvedApprovals({ required, starterMayApprove, before, validFor }: WrittenApprovals): Approvals {
  const validForMs = validFor === undefined ? 7 * DAY_MS : (durationMs(validFor) ?? 0);
  return { required, starterMayApprove, before: before ?? 'first-raise', validForMs };
}

export function resolvedChecklist(written: Environment['checklist'] = []): readonly ChecklistItem[] {
  return written.map(({ id, text, proof }) => {
    if (proof === undefined) return { id, text };
    return { id, text, proof: typeof proof === 'string' ? { by: proof } : (proof as Proof) };
  });
}
