import { ApplicationFailure } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { nameProblem } from '../rules/person';
import { type Asker, refused, type VerbOn } from '../rules/rollout/verbs/verb';
import type { Answer, Command } from './messages';
import { personIn, readArguments, textOf, type Typed } from './boundary/read-arguments';

/** A workflow with verbs that may be refused. */
export interface SteeredBy<State> {
  readonly state: State;
  update(change: (state: State) => State): void;
}

/** The validator asks the same rule as the handler: only allowed verbs enter the history. */
export function handleVerb<State>(
  steered: SteeredBy<State>,
  update: UpdateDefinition<Answer, [Command]>,
  rule: (state: State, asker: Asker, command: Typed) => VerbOn<State>,
): void {
  const judge = (sent: readonly unknown[]): VerbOn<State> => {
    const { typed, unreadable } = readArguments(sent);
    if (unreadable !== undefined) return notRead(update.name, unreadable);
    const named = textOf(typed['by']);
    const problem = named === undefined ? undefined : nameProblem(named);
    if (problem !== undefined) return refused('name', problem.why, problem.remedy);
    const asker = { by: personIn(named), reason: textOf(typed['reason']), nowMs: Date.now() };
    return rule(steered.state, asker, typed);
  };
  const carryOut = (...sent: unknown[]): Answer => {
    const verb = judge(sent);
    if (verb.refusal !== undefined) throw refusal(verb);
    steered.update(() => verb.state);
    return { answer: verb.answer, changed: verb.changed };
  };
  const validator = (...sent: unknown[]): void => {
    const verb = judge(sent);
    if (verb.refusal !== undefined) throw refusal(verb);
  };
  setHandler<Answer, [Command], UpdateDefinition<Answer, [Command]>>(update, carryOut, { validator });
}

/** An argument that cannot be read is no consent to anything. */
function notRead(verb: string, why: string): VerbOn<never> {
  const remedy = 'send one JSON object, as {"by":"…","reason":"…"}, encoded json/plain';
  return refused('argument', `the argument of ${verb} cannot be read: ${why}`, remedy);
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
