import { decide } from '../../../rules/rollout/decide';
import { isKnown, knownFlags, recordDrift, recordFlagSeen } from '../../../rules/rollout/drift';
import { recordFlag, refuse } from '../../../rules/rollout/reconcile';
import type { FlagFound, FlagReading } from '../../../rules/rollout/state/flag';
import { hold, pause, recordVerdict, resume, stop } from '../../../rules/rollout/pause-hold';
import { recordDisowned, recordOwned } from '../../../rules/rollout/owner';
import { begin, raising, recordRaise, recordRaiseCancelled } from '../../../rules/rollout/state/state';
import type { RolloutState } from '../../../rules/rollout/state/state';
import { soon } from '../../helpers/samples/plans';
import { changed } from '../../helpers/samples/changed-state';

const NOW = Date.UTC(2026, 10, 23, 12);
const ADA = 'arn:aws:iam::333333333333:user/ada';
const said = { why: 'looked', by: 'bob', sinceMs: NOW };

const begun = recordOwned(begin('alice', undefined, NOW));
const atStart = recordFlag(soon, begun, found(0, { generation: 3, version: 7 }), NOW);
const at50 = recordRaise(raising(atStart, 50), { percentage: 50, generation: 4, version: 8 }, 0, NOW);

function found(percentage: number, changes: Partial<FlagFound> = {}): FlagFound {
  return { found: true, percentage, generation: 4, writer: 'rollout', salt: soon.flag.salt, ...changes };
}
const seenBy = (state: RolloutState, reading: FlagReading): RolloutState =>
  recordFlagSeen(soon, state, reading, NOW + 1_000);
const decision = (state: RolloutState) => decide(soon, state, NOW + 1_000);

describe('the flag at a check', () => {
  it.each<[string, FlagReading]>([
    ['as it was written', found(50, { version: 8 })],
    ['without a version, as it was written', found(50)],
  ])('is no news %s', (_how, reading) => expect(seenBy(at50, reading)).toBe(at50));

  it('holds the rollout after an outside change to a higher percentage, and names writer, time and verbs', () => {
    const state = seenBy(at50, found(60, { generation: 9, version: 9, by: ADA, atMs: NOW }));
    expect(decision(state)).toMatchObject({
      do: 'wait',
      phase: 'holding',
      verbs: ['resume --adopt', 'resume --restore', 'abort'],
    });
    const { why } = decision(state);
    for (const word of ['60 %', ADA, '2026-11-23T12:00:00.000Z', '--adopt', '--restore']) expect(why).toContain(word);
    expect(state.log.entries.at(-1)).toMatchObject({ by: ADA });
  });

  it.each([0, 20, 49.99])(
    'stops at once after an outside change to %d %, by break-glass, guardian or console',
    (percentage) => {
      const state = seenBy(at50, found(percentage, { generation: 99, version: 9, by: ADA }));
      expect(state.stop).toMatchObject({ kind: 'abort', by: ADA });
      expect(decision(state)).toMatchObject({ do: 'roll-back' });
    },
  );

  it.each<[string, FlagReading]>([
    ['another salt', found(50, { version: 9, salt: 'other' })],
    ['another generation', found(50, { version: 9, generation: 5 })],
    ['a text nobody can read', { found: false, why: 'not JSON', version: 9, by: ADA }],
    ['nothing any more', { found: false, missing: true, why: 'does not exist' }],
  ])('holds when the parameter holds %s', (_what, reading) =>
    expect(decision(seenBy(at50, reading))).toMatchObject({ do: 'wait', phase: 'holding' }),
  );

  it('only notes a write that says the same, as one that was tried again', () => {
    const state = seenBy(at50, found(50, { version: 9 }));
    expect(state).toMatchObject({ flag: { version: 9, known: true } });
    expect(state.held).toBeUndefined();
  });

  it('is reported once, and again when it is written again', () => {
    const once = seenBy(at50, found(60, { version: 9 }));
    expect(seenBy(once, found(60, { version: 9 }))).toBe(once);
    const twice = seenBy(once, found(70, { version: 10 }));
    expect(decision(twice).why).toContain('70 %');
    expect(seenBy(twice, found(30, { version: 11 })).stop).toMatchObject({ kind: 'abort' });
  });

  it('may show a raise that is still open', () => {
    const open = raising(at50, 100);
    expect(isKnown(knownFlags(open) ?? [], found(100, { generation: 5 }))).toBe(true);
    expect(isKnown(knownFlags(open) ?? [], found(50))).toBe(true);
    expect(isKnown(knownFlags(open) ?? [], found(100, { generation: 8 }))).toBe(false);
  });

  it('is compared with what was written last while the rollout is held by a read that failed', () => {
    const held = recordFlag(
      soon,
      { ...at50, flag: { ...at50.flag, known: false } },
      { found: false, why: 'access denied' },
      NOW,
    );
    expect(held.held?.because).toBe('unconfirmed');
    expect(seenBy(held, found(50, { version: 8 }))).toBe(held);
    expect(seenBy(held, found(0, { generation: 5, version: 9 })).stop).toMatchObject({ kind: 'abort' });
    expect(seenBy(held, found(80, { generation: 5, version: 9 })).flag.drift).toBeDefined();
  });

  it('is watched, and rolled back, also when an operator raised it before the rollout did', () => {
    const state = seenBy(atStart, found(40, { version: 9 }));
    expect(state.flag.raiseRequested).toBe(true);
    expect(state.watch.sinceMs).toBeLessThanOrEqual(NOW + 1_000);
    expect(recordFlag(soon, resume(state, said, 'adopt'), found(40, { version: 9 }), NOW)).toMatchObject({
      flag: { percentage: 40 },
    });
  });
});

describe('resume after an outside change', () => {
  const drifted = seenBy(at50, found(60, { generation: 9, version: 9 }));

  it.each([undefined, 'adopt'] as const)('with %s continues from the present value, and writes nothing', (flag) => {
    const state = resume(drifted, said, flag);
    expect(decision(state)).toMatchObject({ do: 'read-flag' });
    const adopted = recordFlag(soon, state, found(60, { generation: 9, version: 9 }), NOW);
    expect(adopted).toMatchObject({ flag: { percentage: 60, version: 9 }, step: { index: 0 } });
    expect(adopted.flag.drift).toBeUndefined();
  });

  it('with restore writes the percentage of the step again, and nothing above it', () => {
    const state = resume(drifted, said, 'restore');
    expect(decision(state)).toMatchObject({
      do: 'restore-traffic',
      percentage: 50,
      stepIndex: 0,
      over: { version: 9 },
    });
    const restored = recordRaise(state, { percentage: 50, generation: 11, version: 10 }, 0, NOW);
    expect(restored.flag.restoring).toBeUndefined();
    expect(restored).toMatchObject({ flag: { percentage: 50, highestGeneration: 11 }, step: { index: 0 } });
  });

  describe('whose restoration was overtaken or failed', () => {
    const tried = resume(drifted, said, 'restore');
    const unconfirmed = { why: 'SSM is down', sinceMs: NOW, because: 'unconfirmed' as const };
    const open: readonly [string, RolloutState][] = [
      ['a hold', hold(tried, unconfirmed)],
      ['a pause', recordRaiseCancelled(pause(tried, said))],
    ];

    it.each(open)('is asked again behind %s, and still watched', (_name, state) => {
      expect(decision(state)).toMatchObject({ do: 'wait', verbs: ['resume --adopt', 'resume --restore', 'abort'] });
      expect(decision(state).why).toContain('60 %');
      expect(seenBy(state, found(60, { generation: 9, version: 9 }))).toBe(state);
      expect(seenBy(state, found(70, { generation: 10, version: 10 })).log.entries.at(-1)?.what).toContain('70 %');
      expect(seenBy(state, found(30, { generation: 10, version: 10 })).stop).toMatchObject({ kind: 'abort' });
    });

    it.each(open)('is restored by a second resume behind %s, and adopted only on request', (_name, state) => {
      expect(decision(resume(state, said, 'restore'))).toMatchObject({ do: 'restore-traffic', over: { version: 9 } });
      expect(decision(resume(state, said, 'adopt'))).toMatchObject({ do: 'read-flag' });
    });

    it.each(open)('is settled behind %s when the ordered value was written after all', (_name, state) => {
      const settled = seenBy(state, found(50, { generation: 11, version: 10 }));
      expect(settled).toMatchObject({ flag: { percentage: 50, generation: 11, version: 10 } });
      expect(settled.flag.drift).toBeUndefined();
      expect(settled.log.entries.at(-1)?.what).toBe('50 % is restored');
      expect(decision(settled)).toMatchObject({ do: 'wait', verbs: ['resume', 'abort'] });
      expect(seenBy(settled, found(60, { generation: 12, version: 11 })).flag.drift).toBeDefined();
    });
  });

  it('is asked for again when an alarm holds it behind that, or a pause comes first, and is watched meanwhile', () => {
    const slow = { outcome: 'breach', asks: 'hold', why: 'slow', ringing: [], noticed: [], guards: [] } as const;
    const behind = recordVerdict(drifted, { ...slow, atMs: NOW });
    const waiting = [
      resume(behind, said, 'restore'),
      resume(behind, said, 'adopt'),
      pause(resume(drifted, said, 'restore'), said),
    ];
    for (const state of waiting) {
      expect(decision(state)).toMatchObject({ do: 'wait', verbs: ['resume --adopt', 'resume --restore', 'abort'] });
      expect(seenBy(state, found(0, { generation: 9, version: 10 })).stop).toMatchObject({ kind: 'abort' });
      expect(decision(resume(state, said, 'adopt'))).toMatchObject({ do: 'read-flag' });
      expect(decision(resume(state, said, 'restore'))).toMatchObject({ do: 'restore-traffic' });
    }
  });

  it('is asked for again by one who is not the owner any more, and restored once it is', () => {
    const lost = recordDisowned(resume(drifted, said, 'restore'), 'the flag is owned by nobody', NOW);
    expect(decision(lost)).toMatchObject({ do: 'wait', verbs: ['resume --adopt', 'resume --restore', 'abort'] });
    const again = resume(lost, said, 'restore');
    expect(decision(again)).toMatchObject({ do: 'take-owner' });
    expect(decision(recordOwned(again))).toMatchObject({ do: 'restore-traffic', percentage: 50, over: { version: 9 } });
    expect(decision(refuse(again, 'owned by another', NOW))).toMatchObject({ do: 'wait', phase: 'holding' });
    expect(refuse(again, 'owned by another', NOW).flag.drift).toBeDefined();
    const resumed = resume(seenBy(atStart, found(40, { version: 9 })), said, 'restore');
    const disowned = changed(resumed, { flag: { owned: undefined } });
    expect(decision(disowned)).toMatchObject({ do: 'restore-traffic', percentage: 0 });
  });

  it('restores nothing after a stop, nor without an outside change', () => {
    const stopped = stop(resume(drifted, said, 'restore'), { kind: 'abort', ...said });
    expect(decision(stopped)).toMatchObject({ do: 'roll-back' });
    expect(resume(pause(at50, said), said, 'restore').flag.restoring).toBeUndefined();
  });

  it('offers no restore where the parameter is gone: the stacks make it', () => {
    const gone = seenBy(at50, { found: false, missing: true, why: 'does not exist' });
    expect(decision(gone)).toMatchObject({ verbs: ['resume --adopt', 'abort'] });
  });

  it('is asked for also after a pause, and after an alarm that held it before', () => {
    const held = { ...at50, held: { why: 'slow', sinceMs: NOW, because: 'alarm' as const } };
    for (const before of [pause(at50, said), held]) {
      const state = seenBy(before, found(60, { version: 9 }));
      expect(decision(state).why).toContain('the flag was changed from outside');
      expect(decision(resume(state, said))).toMatchObject({ do: 'read-flag' });
    }
  });
});

describe('a raise that may or may not be written', () => {
  const open = raising(at50, 100);
  const first = raising(atStart, 50);
  const paused = (state: RolloutState): RolloutState => recordRaiseCancelled(pause(state, said));
  const stopped = { stop: expect.objectContaining({ kind: 'abort', by: ADA }) as object };

  it.each<[string, RolloutState, FlagFound]>([
    ['the 50 % before it', open, found(50, { generation: 5, version: 10, by: ADA })],
    ['something between', open, found(70, { generation: 5, version: 10, by: ADA })],
    ['0 % over the first one', first, found(0, { generation: 4, version: 9, by: ADA })],
  ])('ends at 0 when an outside change wrote %s over it, whichever check sees it', (_what, state, reading) => {
    expect(seenBy(state, reading)).toMatchObject(stopped);
    expect(recordFlag(soon, paused(state), reading, NOW)).toMatchObject(stopped);
  });

  it('ends at 0 when it has overwritten a 0, and holds for what else it has overwritten', () => {
    const under = { overwritten: true, version: 8, by: ADA } as const;
    expect(recordDrift(soon, first, found(0, { generation: 3, ...under }), NOW)).toMatchObject(stopped);
    expect(recordDrift(soon, open, found(60, { ...under, version: 9 }), NOW)).toMatchObject({
      held: { because: 'drift' },
    });
  });

  it('ends at 0 when an operator put the very document before it back over it, as soon as the flag is read', () => {
    expect(recordFlag(soon, paused(open), found(50, { version: 10, by: ADA }), NOW)).toMatchObject(stopped);
  });

  it('was not written where the confirmed value is still there', () => {
    expect(recordFlag(soon, paused(open), found(50, { version: 8 }), NOW).stop).toBeUndefined();
  });

  it('is asked for where it was written, and was not the only write', () => {
    const reading = found(100, { generation: 5, version: 10 });
    const state = recordFlag(soon, paused(open), reading, NOW);
    expect(state).toMatchObject({ held: { because: 'drift' }, flag: { percentage: 50 } });
    const resumed = resume(state, said);
    expect(decision(resumed)).toMatchObject({ do: 'read-flag' });
    expect(recordFlag(soon, resumed, reading, NOW)).toMatchObject({ flag: { percentage: 100 }, step: { index: 1 } });
    expect(recordFlag(soon, paused(open), found(100, { generation: 5, version: 9 }), NOW)).toMatchObject({
      flag: { percentage: 100 },
    });
  });
});
