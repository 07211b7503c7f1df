import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { UpdateDefinition, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { planHash } from '../../../rules/plan/plan-hash';
import * as messages from '../../../workflows/messages';
import type { Answer, Command } from '../../../workflows/messages';
import { FAILED_ALARM, MINUTE_MS, SLOW_ALARM } from '../../helpers/samples/plans';
import type { Happening } from '../../rules/rollout/reference/happenings';
import type { Story } from '../../rules/rollout/reference/stories';
import type { StoryWorld } from './world';

/** Everything that happens at a moment; the rest is time. */
export type Deed = Exclude<Happening, { readonly kind: 'pass' | 'away' | 'wait' }>;

export interface Scene {
  /** Which of its batch it is. */
  readonly nth: number;
  readonly story: Story;
  readonly world: StoryWorld;
  readonly handle: WorkflowHandle;
  isOver: boolean;
}

/** Asked of the server: a query would have an ended workflow replayed. */
export async function isOver(scene: Scene): Promise<boolean> {
  scene.isOver ||= (await scene.handle.describe()).status.name !== 'RUNNING';
  return scene.isOver;
}

const FOR_EVER_MS = 8e15;

/** Lets something happen to a rollout, from outside, as people, AWS and CloudWatch do it. */
export async function perform(scene: Scene, deed: Deed, nowMs: number): Promise<void> {
  const { world, handle } = scene;
  switch (deed.kind) {
    case 'pause':
    case 'resume':
    case 'abort': {
      const { kind, ...more } = deed;
      return unlessEnded(handle.signal(kind, { by: 'bob', reason: 'by the story', ...more }));
    }
    case 'approve':
    case 'reject':
    case 'promote':
    case 'skip':
    case 'extend':
    case 'tick':
      return ask(scene, deed, nowMs);
    case 'verdict':
      return look(world, deed.verdict, nowMs);
    case 'push':
      return push(scene, deed, nowMs);
    case 'write':
      world.nextWrite = deed;
      return;
    case 'zero-fails':
      world.zeroFails = deed.times * 3;
      return;
    case 'read-fails':
      world.readFails = world.readFails === 'once' ? 'for good' : 'once';
      return;
    case 'edit':
      return world.edit(deed.percentage, deed.generations, nowMs);
    case 'proofs':
      world.aws.unproved = deed.succeed ? [] : scene.story.plan.checklist.map(({ id }) => id);
      return;
    case 'freeze':
    case 'unfreeze':
      world.freeze(
        deed.kind === 'unfreeze'
          ? []
          : [{ fromMs: nowMs, toMs: nowMs + deed.forMs, reason: 'by the story', by: 'carol' }],
        nowMs,
      );
      return deed.told ? unlessEnded(handle.signal(messages.freezesChangedSignal)) : undefined;
    case 'freezes-unreadable':
      return world.freeze(world.aws.freezes, nowMs, !deed.unreadable);
  }
}

/** What asks for a hold or a rollback is an alarm that rings until the looks are healthy again; the rest is said by the looks. */
function look(world: StoryWorld, verdict: Extract<Deed, { kind: 'verdict' }>['verdict'], nowMs: number): void {
  const { aws } = world;
  aws.says = undefined;
  if (verdict.outcome === 'healthy')
    aws.alarmTimes = aws.alarmTimes.map((rings) => ({ ...rings, toMs: Math.min(rings.toMs, nowMs) }));
  else if (verdict.outcome === 'breach')
    aws.alarmTimes.push({ name: verdict.alarm ?? FAILED_ALARM, fromMs: nowMs, toMs: FOR_EVER_MS });
  else aws.says = verdict;
}

/** One that came two minutes ago rang for a minute, and its message was lost: only the looks can see it. */
async function push({ world, handle }: Scene, { alarm, agoMs }: Extract<Deed, { kind: 'push' }>, nowMs: number) {
  const atMs = nowMs - agoMs;
  if (agoMs === 2 * MINUTE_MS) world.aws.alarmTimes.push({ name: alarm, fromMs: atMs, toMs: atMs + MINUTE_MS });
  else
    await unlessEnded(
      handle.signal(messages.alarmChangedSignal, { alarm, state: 'ALARM', atMs, why: 'threshold crossed' }),
    );
}

type Verbs = Extract<Deed, { kind: 'approve' | 'reject' | 'promote' | 'skip' | 'extend' | 'tick' }>;

const updates: Readonly<Record<Verbs['kind'], UpdateDefinition<Answer, [Command]>>> = {
  approve: messages.approveUpdate,
  reject: messages.rejectUpdate,
  promote: messages.promoteUpdate,
  skip: messages.skipUpdate,
  extend: messages.extendUpdate,
  tick: messages.tickUpdate,
};

async function ask({ story, handle }: Scene, { kind, ...said }: Verbs, nowMs: number): Promise<void> {
  const command: Record<string, unknown> = { ...said };
  if (command['percentage'] === 'next') command['percentage'] = (await handle.query(messages.statusQuery)).next;
  if (command['planHash'] === 'right') command['planHash'] = planHash(story.plan);
  if ('aheadMs' in said && said.aheadMs !== undefined) command['untilMs'] = nowMs + said.aheadMs;
  const args: [Command] = [command];
  await unlessEnded(handle.executeUpdate(updates[kind], { args }));
}

/** A refusal is an answer, and nothing can be said to a rollout that has ended. */
async function unlessEnded(saying: Promise<unknown>): Promise<void> {
  try {
    await saying;
  } catch (error) {
    const refused = error instanceof WorkflowUpdateFailedError;
    if (!refused && !(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** What comes while a raise is under way. */
export function overtakes(scene: Scene): StoryWorld['overtake'] {
  const { world } = scene;
  const deeds: readonly Deed[] = [
    { kind: 'pause' },
    { kind: 'abort' },
    { kind: 'push', alarm: FAILED_ALARM, agoMs: 0 },
    { kind: 'push', alarm: SLOW_ALARM, agoMs: 0 },
    { kind: 'reject', by: 'bob', reason: 'by the story' },
    { kind: 'edit', percentage: 60, generations: 1 },
    { kind: 'edit', percentage: 0, generations: 0 },
  ];
  return async (ms) => {
    const deed = deeds[ms % deeds.length];
    if (deed !== undefined) await perform(scene, deed, await world.nowMs());
  };
}
