/** Why a verb was refused, for people and programs. */
export interface Refusal {
  /** The rule that refused, as one word: `window`, `freeze`, `approval`, `state`, `name`, `reason`, `plan`, `health`, `checklist`, `template`, `before` (the environment before this one), `deployment` (what is deployed). */
  readonly rule: string;
  readonly why: string;
  /** What would make it accept. */
  readonly remedy: string;
  /** When it would be accepted, where time alone decides. */
  readonly fromMs?: number;
}
