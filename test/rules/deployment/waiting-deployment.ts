import { isDeepStrictEqual } from 'node:util';
import { decideDeployment, type DeploymentDecision } from '../../../rules/deployment/decide';
import type { DeploymentState } from '../../../rules/deployment/state';
import { abortDeployment, awaiting, beginDeployment, synthesized } from '../../../rules/deployment/state';
import { approveDeployment, rejectDeployment, tickDeployment } from '../../../rules/deployment/verbs';
import type { EnvironmentPlan, Freeze } from '../../../rules/plan/environment-plan';
import { recordProof } from '../../../rules/rollout/checklist';
import type { Asker, VerbOn } from '../../../rules/rollout/verbs/verb';
import { type Happening, MONDAY_8, PROVED } from './happenings';

export const STARTER = 'ada';

/** A consent as it was accepted, beside the state: what the properties believe instead of what the rules say. */
export interface Said {
  readonly by: string;
  readonly template: string;
  readonly atMs: number;
}

/** Every value that goes into a rule is frozen: who changes one throws. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

/** Far quicker than an expectation, of which there would be hundreds of thousands. */
function mustBe(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found).toEqual(wanted);
}

/** A deployment between its synthesis and its end, driven as `workflows/deployment/gates.ts` drives it. */
export class WaitingDeployment {
  state: DeploymentState;
  nowMs = MONDAY_8;
  /** The world. */
  byHand: readonly Freeze[] = [];
  unreadable = false;
  proves = false;
  /** What was accepted. */
  readonly approvals: Said[] = [];
  readonly ticked = new Set<string>();
  proved = false;
  stopped = false;
  end: Extract<DeploymentDecision, { do: 'end' | 'deploy' }> | undefined;

  constructor(readonly plan: EnvironmentPlan) {
    frozen(plan);
    this.state = frozen(synthesized(beginDeployment(STARTER, undefined, this.nowMs), this.made('t1'), this.nowMs));
    this.settle();
  }

  private made(template: string) {
    return { template, nextTemplates: {}, changes: [], mutableImages: [], notes: [] };
  }

  /** Decides until something has to be waited for, or until the end. */
  settle(): void {
    for (let round = 0; round < 20; round += 1) {
      const decision = decideDeployment(this.plan, this.state, this.nowMs);
      mustBe(decideDeployment(this.plan, this.state, this.nowMs), decision);
      if (decision.do === 'read-freezes') {
        const problem = this.unreadable ? { problem: 'no right' } : {};
        this.state = frozen({
          ...this.state,
          gates: { ...this.state.gates, freezes: { list: this.unreadable ? [] : this.byHand, ...problem } },
        });
      } else if (decision.do === 'prove') {
        mustBe(decision.items, [PROVED]);
        if (this.proves) this.proved = true;
        const found = { item: PROVED, proved: this.proves, why: 'looked', atMs: this.nowMs };
        this.state = frozen(recordProof(this.state, found));
      } else if (decision.do === 'wait') {
        mustBe(decision.wait.verbs.at(-1), 'abort');
        const unread = { ...this.state, gates: { ...this.state.gates, freezes: undefined } };
        this.state = frozen(awaiting(unread, decision.for, this.nowMs));
        return;
      } else {
        this.end = decision;
        return;
      }
    }
    throw new Error('it does not come to rest');
  }

  happens(happening: Happening): void {
    switch (happening.what) {
      case 'time':
        this.nowMs += happening.ms;
        break;
      case 'template':
        this.state = frozen(synthesized(this.state, this.made(happening.made), this.nowMs));
        break;
      case 'freeze':
        this.byHand = [{ fromMs: this.nowMs, toMs: this.nowMs + happening.forMs, reason: 'x', by: 'eve' }];
        break;
      case 'unfreeze':
        [this.byHand, this.unreadable] = [[], false];
        break;
      case 'freezes-unreadable':
        this.unreadable = true;
        break;
      case 'proves':
        this.proves = happening.holds;
        break;
      case 'abort':
        this.state = frozen(abortDeployment(this.state, { why: 'x', by: 'bob', sinceMs: this.nowMs }));
        this.stopped = true;
        break;
      default:
        this.asked(happening);
    }
    this.settle();
  }

  private asked(asked: Extract<Happening, { what: 'approve' | 'reject' | 'tick' }>): void {
    const shown = this.state.synthesis?.template ?? '';
    const asker: Asker = { by: asked.by, nowMs: this.nowMs };
    if (asked.what === 'approve') {
      const template = asked.template === 'shown' ? shown : asked.template === 'other' ? `${shown}0` : undefined;
      const verb = this.verb((state) => approveDeployment(this.plan, state, { ...asker, template }));
      if (verb.changed) this.approvals.push({ by: asked.by ?? '', template: template ?? '', atMs: this.nowMs });
      return;
    }
    if (asked.what === 'reject') {
      if (this.verb((state) => rejectDeployment(state, { ...asker, reason: asked.reason })).changed)
        this.stopped = true;
      return;
    }
    const { item } = asked;
    if (this.verb((state) => tickDeployment(this.plan, state, { ...asker, reason: asked.reason, item })).changed)
      this.ticked.add(item);
  }

  /** Pure: the same twice. Harmless when repeated: nothing changes the second time. */
  private verb(rule: (state: DeploymentState) => VerbOn<DeploymentState>): { readonly changed: boolean } {
    const verb = rule(this.state);
    mustBe(rule(this.state), verb);
    if (verb.refusal !== undefined) {
      mustBe([verb.refusal.why, verb.refusal.remedy].includes(''), false);
      return { changed: false };
    }
    if (!verb.changed) mustBe(verb.state === this.state, true);
    this.state = frozen(verb.state);
    const again = rule(this.state);
    if (again.refusal === undefined) mustBe([again.changed, again.state], [false, this.state]);
    return { changed: verb.changed };
  }
}
