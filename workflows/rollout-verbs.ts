import { ApplicationFailure } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import type { RolloutState } from '../rules/rollout/state';
import type { Asker, Verb } from '../rules/rollout/verb';
import { approve, reject, tick } from '../rules/rollout/verb-consent';
import { extend, promote, skip } from '../rules/rollout/verb-pace';
import type { Answer, Command } from './messages';
import { approveUpdate, extendUpdate, promoteUpdate, rejectUpdate, skipUpdate, tickUpdate } from './messages';

/** What the verbs need of a rollout. */
export interface Steered {
  readonly plan: EnvironmentPlan;
  readonly planHash: string;
  readonly state: RolloutState;
  update(change: (state: RolloutState) => RolloutState): void;
}

/** A command as it came in: anybody may have typed anything, and a handler must never throw for it. */
type Typed = Readonly<Record<string, unknown>>;

/** Reasons are kept in the log, which crosses continue-as-new: they are cut to a readable length. */
const TEXT_LENGTH = 500;

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, TEXT_LENGTH) : undefined;

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const typedOf = (command: unknown): Typed =>
  typeof command === 'object' && command !== null ? (command as Typed) : {};

/** The verbs that may be refused: the validator asks the rule, and only what the rule allows enters the history. */
export function handleVerbs(rollout: Steered): void {
  const { plan, planHash } = rollout;
  handle(rollout, approveUpdate, (state, asker, command) =>
    approve(
      plan,
      state,
      {
        ...asker,
        ...present('percentage', numberOf(command['percentage'])),
        ...present('planHash', textOf(command['planHash'])),
      },
      planHash,
    ),
  );
  handle(rollout, rejectUpdate, (state, asker) => reject(plan, state, asker));
  handle(rollout, promoteUpdate, (state, asker, { full, override }) =>
    promote(plan, state, { ...asker, full: full === true, override: override === true }),
  );
  handle(rollout, skipUpdate, (state, asker, { percentage }) =>
    skip(plan, state, { ...asker, ...present('percentage', numberOf(percentage)) }),
  );
  handle(rollout, extendUpdate, (state, asker, { untilMs }) =>
    extend(plan, state, { ...asker, ...present('untilMs', numberOf(untilMs)) }),
  );
  handle(rollout, tickUpdate, (state, asker, { item }) =>
    tick(plan, state, { ...asker, ...present('item', textOf(item)) }),
  );
}

function handle(
  rollout: Steered,
  update: UpdateDefinition<Answer, [Command]>,
  rule: (state: RolloutState, asker: Asker, command: Typed) => Verb,
): void {
  const judge = (command: unknown): Verb => {
    const typed = typedOf(command);
    const asker = {
      ...present('by', textOf(typed['by'])),
      ...present('reason', textOf(typed['reason'])),
      nowMs: Date.now(),
    };
    return rule(rollout.state, asker, typed);
  };
  const carryOut = (command?: unknown): Answer => {
    const verb = judge(command);
    if (verb.refusal !== undefined) throw refusal(verb);
    rollout.update(() => verb.state);
    return { answer: verb.answer, changed: verb.changed };
  };
  const validator = (command?: unknown): void => {
    const verb = judge(command);
    if (verb.refusal !== undefined) throw refusal(verb);
  };
  setHandler<Answer, [Command], UpdateDefinition<Answer, [Command]>>(update, carryOut, { validator });
}

function refusal({ refusal: { why, remedy, ...more } }: Extract<Verb, { refusal: object }>): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'Refused',
    message: `Refused: ${why}. ${remedy}`,
    nonRetryable: true,
    details: [{ why, remedy, ...more }],
  });
}

const present = <Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } =>
  value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
