import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { statusQuery } from '../../../workflows/messages';
import { DAY_MS, FAILED_ALARM, HOUR_MS } from '../../helpers/samples/plans';
import { exposed } from './world';
import type { Deed, Scene } from './deeds';
import { isOver, perform } from './deeds';
import { tell } from '../../rules/rollout/reference/happenings';
import { HEALTHY } from '../../rules/rollout/reference/world';

interface Actor extends Scene {
  readonly complaints: string[];
  readonly done: { readonly atMs: number; readonly what: string }[];
}
export interface Clock {
  readonly nowMs: () => Promise<number>;
  /** Lets time pass, until nothing is under way. */
  readonly settle: (ms: number) => Promise<void>;
}
type Told = (actor: Actor) => Promise<Deed | undefined> | Deed | undefined;

const BETWEEN_DEEDS_MS = 41_237;
/** The second check is 10 s after the zero, and an unconfirmed zero is retried after 3 s. */
const ENDED_AFTER_MS = 61_000;
/** An extension may last for 30 days, and a window of some hours a week is met by every fifth round or so. */
const ROUNDS = 60;
const ROUND_MS = 3 * DAY_MS + 5 * HOUR_MS + 17_000;
const DEEDS_A_ROUND = 3;
/** Who only helps needs as many tasks of a workflow as all others. */
const ENDINGS = 6;
/** Of those that an alarm ends: a pause keeps no breach. */
const PAUSED_FIRST = 1;

/**
 * How the stories end: two of six by an abort, two by an alarm (one of them in a pause), one by an operator who sets the
 * flag to 0, and one by an operator who knows only the status and does what every wait asks for. All of them must then have
 * ended.
 */
export class Finale {
  constructor(
    private readonly actors: readonly Actor[],
    private readonly clock: Clock,
    private readonly intervalMs: number,
  ) {}

  async play(): Promise<void> {
    const { actors } = this;
    const ending = (...nths: readonly number[]): readonly Actor[] =>
      actors.filter(({ nth }) => nths.includes(nth % ENDINGS));
    for (const { world } of actors) world.heal();
    const [aborted, alarmed, lowered, helped] = [ending(0, 3), ending(1, 4), ending(5), ending(2)];
    const wereExposed = alarmed.filter(({ world }) => exposed(world));
    await this.all(aborted, () => ({ kind: 'abort' }));
    await this.all(ending(PAUSED_FIRST), () => ({ kind: 'pause' }));
    await this.all(alarmed, () => ({ kind: 'push', alarm: FAILED_ALARM, agoMs: 0 }));
    await this.all(lowered, () => ({ kind: 'edit', percentage: 0, generations: 1 }));
    await this.clock.settle(ENDED_AFTER_MS);
    await Promise.all([...aborted, ...wereExposed].map(mustBeOver));
    await this.clock.settle(this.intervalMs);
    await this.all([...alarmed, ...lowered], () => ({ kind: 'abort' }));
    await this.help(helped);
    await Promise.all(actors.map(mustBeOver));
  }

  private async help(helped: readonly Actor[]): Promise<void> {
    const repairs: readonly Deed[] = [
      { kind: 'verdict', verdict: HEALTHY },
      { kind: 'freezes-unreadable', unreadable: false },
      { kind: 'proofs', succeed: true },
      { kind: 'unfreeze', told: true },
    ];
    for (const repair of repairs) await this.all(helped, () => repair);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let deed = 0; deed < DEEDS_A_ROUND; deed += 1)
        await this.all(helped, async ({ handle }) => asked(await handle.query(statusQuery), deed));
      if ((await Promise.all(helped.map(isOver))).every(Boolean)) return;
      await this.clock.settle(ROUND_MS);
      await this.clock.settle(BETWEEN_DEEDS_MS);
    }
  }

  private async all(actors: readonly Actor[], deedOf: Told): Promise<void> {
    const nowMs = await this.clock.nowMs();
    const acting = actors.map(async (actor) => {
      const deed = (await isOver(actor)) ? undefined : await deedOf(actor);
      if (deed === undefined) return;
      actor.done.push({ atMs: nowMs, what: tell(deed) });
      await perform(actor, deed, nowMs);
    });
    await Promise.all(acting);
    await this.clock.settle(BETWEEN_DEEDS_MS);
  }
}

/** What the wait asks for. The second of two people consents to what the first one did, also when the window has closed. */
function asked({ wait, checklist }: RolloutStatus, nth: number): Deed | undefined {
  const verbs = wait?.verbs ?? [];
  if (verbs.some((verb) => verb.startsWith('resume'))) return { kind: 'resume' };
  const open = checklist.find(({ state }) => state === 'open');
  if (verbs.includes('checklist --tick') && open !== undefined)
    return { kind: 'tick', by: 'bob', item: open.id, reason: 'looked' };
  if (nth % 2 === 1) return { kind: 'approve', by: 'carol' };
  return verbs.includes('approve') ? { kind: 'approve', by: 'bob' } : undefined;
}

async function mustBeOver(actor: Actor): Promise<void> {
  if (await isOver(actor)) return;
  const { wait } = await actor.handle.query(statusQuery);
  actor.complaints.push(`it has not ended: ${JSON.stringify(wait)}`);
}
