import { samePerson } from '../person';
import type { Refusal } from '../refusal';
import { means, type Principal } from './principal';

/** Who may raise the traffic of an environment. Nothing here is asked before traffic goes down. */
export interface Permissions {
  /** `required`: AWS says who acts. `claimed`: the name that was typed counts, unchecked. */
  readonly proof: 'required' | 'claimed';
  /** Absent: everybody with `claimed`, nobody with `required`. */
  readonly raise?: readonly string[];
  readonly approve?: readonly string[];
  /** Roles whose session name is set by an identity provider, so that it names a person. */
  readonly people?: readonly string[];
  /** Where the plan says so: `permissions`, or `environments[2].permissions`. */
  readonly at: string;
}

/** The verbs that raise or let raise, and the right that each needs. Every other verb is open to all. */
export const RIGHT_OF = {
  start: 'raise',
  resume: 'raise',
  promote: 'raise',
  skip: 'raise',
  // It gives up bringing 0 % to every instance.
  'accept-undelivered': 'raise',
  approve: 'approve',
  tick: 'approve',
} as const;
export type RaisingVerb = keyof typeof RIGHT_OF;
export type Right = (typeof RIGHT_OF)[RaisingVerb];

export const raises = (verb: string): verb is RaisingVerb => Object.hasOwn(RIGHT_OF, verb);

/** How sure it is who sent something: AWS said so, the name was typed, or a proof is asked for and there was none. */
export type ProofMark = 'proved' | 'claimed' | 'unproved';

export interface Caller {
  readonly by?: string | undefined;
  readonly mark: ProofMark;
  /** The whole ARN of a proved caller, as CloudTrail has it. */
  readonly principal?: string | undefined;
}

/** What is known of a sender without asking AWS. */
export const unaskedMark = (permissions: Permissions | undefined): ProofMark =>
  permissions?.proof === 'required' ? 'unproved' : 'claimed';

/** Whether a principal has a right. */
export const hasRight = (permissions: Permissions, right: Right, principal: Principal): boolean =>
  (permissions[right] ?? []).some((pattern) => means(pattern, principal));

/** Whether a typed name has a right, where names are not proved. */
export function nameHasRight(permissions: Permissions, right: Right, by: string | undefined): boolean {
  const listed = permissions[right];
  return listed === undefined || (by !== undefined && listed.some((name) => samePerson(name, by)));
}

/** Why this person may not start, by the name alone; undefined where AWS must be asked, or where they may. */
export function startRefusal(permissions: Permissions | undefined, by: string): Refusal | undefined {
  if (permissions?.proof !== 'claimed' || nameHasRight(permissions, RIGHT_OF.start, by)) return undefined;
  return denial(permissions, 'start', by);
}

/** The schema of an input whose plan asks for proofs: a worker that knows none refuses it, and does not raise without one. */
export const schemaAsking = (permissions: Permissions | undefined): number | undefined =>
  permissions?.proof === 'required' ? 2 : undefined;

/** Why this caller may not: who it is, who may, and where the plan says so. */
export function denial(permissions: Permissions, verb: RaisingVerb, who: string): Refusal {
  const right = RIGHT_OF[verb];
  const listed = permissions[right] ?? [];
  const may = listed.length === 0 ? 'nobody' : listed.join(', ');
  return {
    rule: 'permission',
    why: `${who} may not ${typedAs(verb)}: ${permissions.at}.${right} of the plan names ${may}`,
    remedy: `ask one of them, or change ${permissions.at}.${right} and start another rollout with that plan`,
  };
}

/** What people type to send a verb with a proof; the environment follows. */
const COMMANDS: Readonly<Record<RaisingVerb, readonly [before: string, after: string]>> = {
  start: ['rollout resume', ''],
  resume: ['rollout resume', ''],
  promote: ['rollout promote', ''],
  skip: ['rollout skip', ' --percentage N'],
  'accept-undelivered': ['rollout abort', ' --undelivered'],
  approve: ['rollout approve', ''],
  tick: ['rollout checklist', ' --tick ITEM'],
};

/** A verb as people type it. */
const typedAs = (verb: RaisingVerb): string => (verb === 'accept-undelivered' ? 'abort --undelivered' : verb);

const holdsAt = (percentage: string): string =>
  `so the rollout raises nothing and holds at ${percentage} until it is proved who started it; an abort writes 0 %, also over a rollout that was completed before`;

/**
 * Why a verb without a proof changes nothing.
 * @param at Where a rollout holds whose start is not proved.
 */
export function unproved(verb: RaisingVerb, by: string | undefined, environment: string, at = '0 %'): Refusal {
  const [before, after] = COMMANDS[verb];
  return {
    rule: 'proof',
    why: `${typedAs(verb)} by ${by ?? 'an unnamed person'} has no proof of who sent it, ${verb === 'start' ? holdsAt(at) : 'and changes nothing'}`,
    remedy: `send it with \`${before} ${environment}${after}\` and your AWS credentials`,
  };
}

/** Why a proof that was sent does not count. */
export const badProof = (verb: RaisingVerb, by: string | undefined, why: string): Refusal => ({
  rule: 'proof',
  why: `${typedAs(verb)} by ${by ?? 'an unnamed person'} is not proved, and changes nothing: ${why}`,
  remedy: 'send it again with the program `rollout`, which signs it each time',
});
