import { recordAlarmChange } from '../../../../rules/rollout/outside/alarm-change';
import * as halt from '../../../../rules/rollout/pause-hold';
import { forgetFreezes } from '../../../../rules/rollout/state/state';
import type { Verb } from '../../../../rules/rollout/verbs/verb';
import { approve, reject, tick } from '../../../../rules/rollout/verbs/approve-reject-tick';
import { extend, promote, skip } from '../../../../rules/rollout/verbs/promote-skip-extend';
import type { Happening } from './happenings';
import type { Answered } from './reference-people';
import { PLAN_HASH } from './reference-people';
import type { Simulation } from './simulation';

type Of<K extends Happening['kind']> = Extract<Happening, { readonly kind: K }>;
type Verbs = Of<'approve' | 'reject' | 'promote' | 'skip' | 'extend' | 'tick'>;
type Signals = Of<'pause' | 'resume' | 'abort'>;

/** Lets something happen to the rollout and to the world, and records it in the reference. */
export function happen(simulation: Simulation, happening: Exclude<Happening, Of<'pass' | 'away' | 'wait'>>): void {
  const { world, reference, nowMs } = simulation;
  switch (happening.kind) {
    case 'pause':
    case 'resume':
    case 'abort':
      return signal(simulation, happening);
    case 'approve':
    case 'reject':
    case 'promote':
    case 'skip':
    case 'extend':
    case 'tick':
      return verb(simulation, happening);
    case 'verdict':
      world.looks = happening.verdict;
      return;
    case 'push':
      return push(simulation, happening);
    case 'write':
      world.nextWrite = happening;
      return;
    case 'zero-fails':
      world.zeroFails = happening.times;
      return;
    case 'read-fails':
      world.readFails = true;
      return;
    case 'edit':
      return world.edit(happening.percentage, happening.generations, nowMs);
    case 'proofs':
      world.proves = happening.succeed;
      return;
    case 'freeze':
      world.frozen = [{ fromMs: nowMs, toMs: nowMs + happening.forMs, reason: 'story', by: 'carol' }];
      return tellOfFreezes(simulation, happening.told);
    case 'unfreeze':
      world.frozen = [];
      return tellOfFreezes(simulation, happening.told);
    case 'freezes-unreadable':
      world.frozenUnreadable = happening.unreadable;
      return reference.freezes.changed(happening.unreadable ? undefined : world.frozen, nowMs, false);
  }
}

function signal(simulation: Simulation, happening: Signals): void {
  const { kind } = happening;
  const { state, reference, nowMs } = simulation;
  const said = { why: 'by the story', by: 'bob', sinceMs: nowMs };
  reference[kind]();
  if (kind === 'pause') simulation.state = halt.pause(state, said);
  if (kind === 'resume') simulation.state = halt.resume(state, said, happening.flag);
  if (kind === 'abort') simulation.state = halt.stop(state, { kind: 'abort', ...said });
}

function push(simulation: Simulation, { alarm, agoMs }: Of<'push'>): void {
  const { state, plan, nowMs, reference } = simulation;
  const change = { alarm, state: 'ALARM', atMs: nowMs - agoMs, why: 'threshold crossed' } as const;
  simulation.state = recordAlarmChange(state, plan.watch.alarms, change, nowMs);
  reference.pushed(alarm, change.atMs);
}

function tellOfFreezes(simulation: Simulation, told: boolean): void {
  const { world, reference, nowMs } = simulation;
  reference.freezes.changed(world.frozenUnreadable ? undefined : world.frozen, nowMs, told);
  if (!told) return;
  reference.freezesTold();
  simulation.state = forgetFreezes(simulation.state, simulation.nowMs);
}

/** Said twice, as by a client that got no answer: the second time must change nothing. */
function verb(simulation: Simulation, said: Verbs): void {
  const meant = simulation.reference.next()?.percentage;
  const first = ask(simulation, said, meant);
  if (first.refusal !== undefined) return tellReference(simulation, said, meant, 'refused');
  simulation.state = first.state;
  tellReference(simulation, said, meant, first.changed ? 'changed' : 'same');
  const again = ask(simulation, said, meant);
  if (again.refusal === undefined && again.changed)
    simulation.reference.complain(`${said.kind} said twice counts twice`);
}

function ask({ plan, state, nowMs }: Simulation, said: Verbs, next: number | undefined): Verb {
  const asker = {
    nowMs,
    by: said.by,
    reason: said.reason,
  };
  const named = 'percentage' in said ? (said.percentage === 'next' ? next : said.percentage) : undefined;
  switch (said.kind) {
    case 'approve': {
      return approve(plan, state, { ...asker, percentage: named, planHash: said.planHash }, PLAN_HASH);
    }
    case 'reject':
      return reject(plan, state, asker);
    case 'promote':
      return promote(plan, state, { ...asker, full: said.full === true, override: said.override === true });
    case 'skip':
      return skip(plan, state, { ...asker, percentage: named });
    case 'extend':
      return extend(plan, state, {
        ...asker,
        untilMs: said.aheadMs === undefined ? undefined : nowMs + said.aheadMs,
      });
    case 'tick':
      return tick(plan, state, { ...asker, item: said.item });
  }
}

function tellReference(
  { reference, nowMs }: Simulation,
  said: Verbs,
  next: number | undefined,
  answered: Answered,
): void {
  switch (said.kind) {
    case 'approve':
    case 'reject':
    case 'tick':
      if (said.kind === 'approve') return reference.people.approve(said, answered);
      return said.kind === 'reject' ? reference.people.reject(said, answered) : reference.people.tick(said, answered);
    case 'skip':
      return reference.people.skip(said.percentage === 'next' ? next : said.percentage, answered);
    case 'promote': {
      const named = said.by !== undefined && said.reason !== undefined;
      if (answered === 'changed') reference.promoted(said.full === true, said.override === true, named);
      return;
    }
    case 'extend':
      if (answered !== 'refused') reference.extended(nowMs + (said.aheadMs ?? NaN));
  }
}
