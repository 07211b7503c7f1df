import { workflowInfo } from '@temporalio/workflow';
import {
  badProof,
  type Caller,
  denial,
  hasRight,
  nameHasRight,
  type RaisingVerb,
  raises,
  RIGHT_OF,
  unaskedMark,
  unproved,
} from '../../rules/identity/permissions';
import { principalOf } from '../../rules/identity/principal';
import { type Proof, purposeHash, readProof, TOO_MANY, unusable } from '../../rules/identity/proof';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Refusal } from '../../rules/refusal';
import { withProofUnused, withProofUsed } from '../../rules/rollout/identity';
import type { RolloutState } from '../../rules/rollout/state/state';
import type { Typed } from '../boundary/read-arguments';
import { causeOf } from '../cancellable';
import { identifying } from '../proxies';

/** Who sent it; or a refusal; or that AWS must be asked, which `prove` does. */
export type Judged =
  | { readonly caller: Caller }
  | { readonly refusal: Refusal }
  | { readonly ask: { readonly proof: Proof; readonly id: string } };

export type Known = Exclude<Judged, { ask: unknown }>;

interface Asked {
  readonly verb: string;
  readonly typed: Typed;
  readonly by: string | undefined;
}

/** What callers need of a rollout. */
interface Called {
  readonly plan: EnvironmentPlan;
  readonly state: RolloutState;
  updateQuietly(change: (state: RolloutState) => RolloutState): void;
}

/** So many proofs are checked at once at most. */
const MOST_ASKED = 20;

/** Who acts on a rollout, and whether they may. Nothing here is asked of a verb that lowers traffic or stops raises. */
export class Callers {
  /** Proofs that are being checked: their senders wait for an answer of this run. */
  private asking = 0;

  constructor(private readonly rollout: Called) {}

  get atWork(): boolean {
    return this.asking > 0;
  }

  /** By what the message says, without AWS: deterministic, so that validators may ask it. */
  judge({ verb, typed, by }: Asked): Judged {
    const { permissions, environment } = this.rollout.plan;
    const caller = { by, mark: unaskedMark(permissions) };
    if (permissions === undefined || !raises(verb)) return { caller };
    if (permissions.proof === 'claimed')
      return nameHasRight(permissions, RIGHT_OF[verb], by)
        ? { caller }
        : { refusal: denial(permissions, verb, by ?? 'an unnamed person') };
    if (typed['proof'] === undefined) return { refusal: unproved(verb, by, environment) };
    const nowMs = Date.now();
    const read = readProof(typed['proof'], nowMs);
    if ('problem' in read) return { refusal: badProof(verb, by, read.problem) };
    const { used = [] } = this.rollout.state.identity ?? {};
    const why = unusable(used, read.id, nowMs) ?? (this.asking >= MOST_ASKED ? TOO_MANY : undefined);
    return why === undefined ? { ask: read } : { refusal: badProof(verb, by, why) };
  }

  /** Asks AWS, beside everything else, then acts by the answer: without one nothing is raised. */
  async prove<T>({ verb, typed, by }: Asked, ask: { proof: Proof; id: string }, act: (known: Known) => T): Promise<T> {
    const { rollout } = this;
    this.asking += 1;
    rollout.updateQuietly((state) => withProofUsed(state, ask, Date.now()) ?? state);
    try {
      const known = await this.asked(verb as RaisingVerb, { typed, by }, ask);
      // One that did not count is forgotten: nobody can fill the list with such.
      if ('refusal' in known) rollout.updateQuietly((state) => withProofUnused(state, ask.id));
      return act(known);
    } finally {
      this.asking -= 1;
    }
  }

  private async asked(
    verb: RaisingVerb,
    { typed, by }: Omit<Asked, 'verb'>,
    { proof }: { proof: Proof },
  ): Promise<Known> {
    const { aws, permissions } = this.rollout.plan;
    if (permissions === undefined) return { caller: { by, mark: 'claimed' } };
    const { workflowId, firstExecutionRunId: run } = workflowInfo();
    const purpose = purposeHash({ workflowId, run, verb, command: typed }, proof.nonce);
    try {
      const order = { region: aws.region, proof, purpose };
      const answer = await identifying.verifyCaller.executeWithOptions({ summary: `who sent ${verb}` }, [order]);
      const principal = 'arn' in answer ? principalOf(answer.arn, permissions.people) : undefined;
      if (principal === undefined)
        return { refusal: badProof(verb, by, 'why' in answer ? answer.why : `AWS named ${answer.arn}, no principal`) };
      if (!hasRight(permissions, RIGHT_OF[verb], principal))
        return { refusal: denial(permissions, verb, principal.arn) };
      return { caller: { by: principal.person, mark: 'proved', principal: principal.arn } };
    } catch (error) {
      return { refusal: badProof(verb, by, `AWS did not say who signed it (${causeOf(error)})`) };
    }
  }
}
