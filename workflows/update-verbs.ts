import { ApplicationFailure } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { nameProblem, personOf } from '../rules/person';
import type { Asker, VerbOn } from '../rules/rollout/verb';
import { refused } from '../rules/rollout/verb';
import { firstCharacters } from '../rules/words';
import type { Answer, Command } from './messages';

/** Whatever can be steered by verbs that may be refused. */
export interface SteeredBy<State> {
  readonly state: State;
  update(change: (state: State) => State): void;
}

/** A command as it came in: anybody may have typed anything, and a handler must never throw for it. */
export type Typed = Readonly<Record<string, unknown>>;

/** Reasons are kept in the log, which crosses continue-as-new: they are cut to a readable length. */
const TEXT_LENGTH = 500;

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? firstCharacters(value.trim(), TEXT_LENGTH) : undefined;

/** A name that anybody may have sent, as everybody sees it; undefined when nothing of it can be seen. */
export const personIn = (value: unknown): string | undefined => textOf(personOf(textOf(value) ?? ''));

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const typedOf = (command: unknown): Typed =>
  typeof command === 'object' && command !== null ? (command as Typed) : {};

/** The validator asks the same rule as the handler: only what the rule allows enters the history. */
export function handleVerb<State>(
  steered: SteeredBy<State>,
  update: UpdateDefinition<Answer, [Command]>,
  rule: (state: State, asker: Asker, command: Typed) => VerbOn<State>,
): void {
  const judge = (command: unknown): VerbOn<State> => {
    const typed = typedOf(command);
    const named = textOf(typed['by']);
    const problem = named === undefined ? undefined : nameProblem(named);
    if (problem !== undefined) return refused('name', problem.why, problem.remedy);
    const asker = {
      ...present('by', personIn(named)),
      ...present('reason', textOf(typed['reason'])),
      nowMs: Date.now(),
    };
    return rule(steered.state, asker, typed);
  };
  const carryOut = (command?: unknown): Answer => {
    const verb = judge(command);
    if (verb.refusal !== undefined) throw refusal(verb);
    steered.update(() => verb.state);
    return { answer: verb.answer, changed: verb.changed };
  };
  const validator = (command?: unknown): void => {
    const verb = judge(command);
    if (verb.refusal !== undefined) throw refusal(verb);
  };
  setHandler<Answer, [Command], UpdateDefinition<Answer, [Command]>>(update, carryOut, { validator });
}

function refusal({
  refusal: { why, remedy, ...more },
}: Extract<VerbOn<unknown>, { refusal: object }>): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'Refused',
    message: `Refused: ${why}. ${remedy}`,
    nonRetryable: true,
    details: [{ why, remedy, ...more }],
  });
}

export const present = <Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } => (value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value }));
