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
import { type Proof, purposeHash, readProof } from '../../rules/identity/proof';
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
    const isNew = withProofUsed(this.rollout.state, read, nowMs) !== undefined;
    return isNew ? { ask: read } : { refusal: badProof(verb, by, 'its proof was used before') };
  }

  /** Asks AWS, beside everything else. Never throws: without an answer nothing is raised. */
  async prove(
    { verb, typed, by }: Asked & { readonly verb: string },
    ask: { proof: Proof; id: string },
  ): Promise<Known> {
    const { rollout } = this;
    this.asking += 1;
    rollout.updateQuietly((state) => withProofUsed(state, ask, Date.now()) ?? state);
    const known = await this.asked(verb as RaisingVerb, { typed, by }, ask);
    this.asking -= 1;
    return known;
  }

  private async asked(
    verb: RaisingVerb,
    { typed, by }: Omit<Asked, 'verb'>,
    { proof, id }: { proof: Proof; id: string },
  ): Promise<Known> {
    const { aws, permissions } = this.rollout.plan;
    if (permissions === undefined) return { caller: { by, mark: 'claimed' } };
    const { workflowId, firstExecutionRunId: run } = workflowInfo();
    const purpose = purposeHash({ workflowId, run, verb, command: typed }, proof.nonce);
    try {
      const order = { region: aws.region, proof, purpose };
      const answer = await identifying.verifyCaller.executeWithOptions({ summary: `who sent ${verb}` }, [order]);
      const principal = 'arn' in answer ? principalOf(answer.arn, permissions.people) : undefined;
      if (principal === undefined) {
        // It never counted: nobody can fill the list with such.
        this.rollout.updateQuietly((state) => withProofUnused(state, id));
        return { refusal: badProof(verb, by, 'why' in answer ? answer.why : `AWS named ${answer.arn}, no principal`) };
      }
      if (!hasRight(permissions, RIGHT_OF[verb], principal))
        return { refusal: denial(permissions, verb, principal.arn) };
      return { caller: { by: principal.person, mark: 'proved', principal: principal.arn } };
    } catch (error) {
      return { refusal: badProof(verb, by, `AWS did not say who signed it (${causeOf(error)})`) };
    }
  }
}
