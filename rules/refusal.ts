/** Why a verb was refused, for people and programs. */
export interface Refusal {
  /** The rule that refused, as one word: `window`, `freeze`, `approval`, `state`, `name`, `reason`, `plan`, `health`, `checklist`, `template`, `before` (the environment before this one), `deployment` (what is deployed). */
  readonly rule: string;
  readonly why: string;
  /** What to do so that it is accepted. */
  readonly remedy: string;
  /** When it would be accepted, if only time decides. */
  readonly fromMs?: number;
}
