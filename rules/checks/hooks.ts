/** The moments of a rollout at which checks are asked and must say yes; as Flagger names them, in their order. */
export const HOOK_MOMENTS = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
] as const;
export type HookMoment = (typeof HOOK_MOMENTS)[number];

/** Names of checks, by the moment at which they are asked. */
export type Hooks = Readonly<Partial<Record<HookMoment, readonly string[]>>>;

/** One check at one moment of one raise. */
export interface Hook {
  readonly moment: HookMoment;
  readonly check: string;
  /** The percentage of the raise; for `rollout` the present one, which it is about. */
  readonly percentage: number;
}

/** What the receiver of a hook learns besides the question. */
export interface HookCall extends Omit<Hook, 'check'> {
  /** The same each time that this hook is asked, so that the receiver can recognise it. */
  readonly key: string;
}

export const hookWords = ({ moment, check }: Hook): string => `${moment} (${check})`;

/** The hooks of a moment, in the order of the plan. */
export const hooksAt = (
  { hooks }: { readonly hooks?: Hooks },
  moment: HookMoment,
  percentage: number,
): readonly Hook[] => (hooks?.[moment] ?? []).map((check) => ({ moment, check, percentage }));
