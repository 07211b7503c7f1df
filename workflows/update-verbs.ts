import { ApplicationFailure } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { nameProblem } from '../rules/person';
import type { Caller } from '../rules/identity/permissions';
import type { Refusal } from '../rules/refusal';
import type { Asker, VerbOn } from '../rules/rollout/verbs/verb';
import type { Answer, Command } from './messages';
import type { Callers, Judged } from './identity/callers';
import { personIn, readArguments, textOf, type Typed } from './boundary/read-arguments';

/** A workflow with verbs that may be refused. */
export interface SteeredBy<State> {
  readonly state: State;
  /** `caller`: who caused the change, for the log. */
  update(change: (state: State) => State, caller?: Caller): void;
  /** What is true now; the answer refuses a verb when that has changed since. */
  arrived?(): (verb: string) => Refusal | undefined;
  /** A verb was carried out. */
  obeyed?(verb: string): void;
  /** Who may use which verb; absent where everybody may, by the name they give. */
  readonly callers?: Callers;
}

type Sent = { readonly typed: Typed; readonly asker: Asker };

/** The validator asks the same rule as the handler: only allowed verbs enter the history. */
export function handleVerb<State>(
  steered: SteeredBy<State>,
  update: UpdateDefinition<Answer, [Command]>,
  rule: (state: State, asker: Asker, command: Typed) => VerbOn<State>,
): void {
  const { name: verb } = update;
  const judged = (sent: Sent): Judged =>
    steered.callers?.judge({ verb, typed: sent.typed, by: sent.asker.by }) ?? {
      caller: { by: sent.asker.by, mark: 'claimed' },
    };
  const carryOut = (sent: Sent, caller: Caller): Answer => {
    const nowMs = Date.now();
    const done = allowed(rule(steered.state, { ...sent.asker, by: caller.by, nowMs }, sent.typed));
    steered.update(() => done.state, caller);
    steered.obeyed?.(verb);
    return { answer: done.answer, changed: done.changed };
  };
  const proved = async (sent: Sent, ask: Extract<Judged, { ask: unknown }>['ask']): Promise<Answer> => {
    const since = steered.arrived?.();
    const { callers } = steered;
    if (callers === undefined) throw failureOf();
    return callers.prove({ verb, typed: sent.typed, by: sent.asker.by }, ask, (known) => {
      if ('refusal' in known) throw failureOf(known.refusal);
      const refusal = since?.(verb);
      if (refusal !== undefined) throw failureOf(refusal);
      return carryOut(sent, known.caller);
    });
  };
  const handler = (...given: unknown[]): Answer | Promise<Answer> => {
    const sent = readSent(verb, given);
    const who = judged(sent);
    if ('refusal' in who) throw failureOf(who.refusal);
    return 'ask' in who ? proved(sent, who.ask) : carryOut(sent, who.caller);
  };
  const validator = (...given: unknown[]): void => {
    const sent = readSent(verb, given);
    allowed(rule(steered.state, sent.asker, sent.typed));
    const who = judged(sent);
    if ('refusal' in who) throw failureOf(who.refusal);
  };
  setHandler<Answer, [Command], UpdateDefinition<Answer, [Command]>>(update, handler, { validator });
}

/** @throws the refusal of an argument or a name that cannot be read: it is no consent to anything. */
function readSent(verb: string, given: readonly unknown[]): Sent {
  const { typed, unreadable } = readArguments(given);
  const remedy = 'send one JSON object, as {"by":"…","reason":"…"}, encoded json/plain';
  if (unreadable !== undefined)
    throw failureOf({ rule: 'argument', why: `the argument of ${verb} cannot be read: ${unreadable}`, remedy });
  const named = textOf(typed['by']);
  const problem = named === undefined ? undefined : nameProblem(named);
  if (problem !== undefined) throw failureOf({ rule: 'name', ...problem });
  return { typed, asker: { by: personIn(named), reason: textOf(typed['reason']), nowMs: Date.now() } };
}

function allowed<State>(verb: VerbOn<State>): Extract<VerbOn<State>, { state: State }> {
  if (verb.refusal !== undefined) throw failureOf(verb.refusal);
  return verb;
}

function failureOf({ why, remedy, ...more }: Refusal = NOT_KNOWN): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'Refused',
    message: `Refused: ${why}. ${remedy}`,
    nonRetryable: true,
    details: [{ why, remedy, ...more }],
  });
}

const NOT_KNOWN: Refusal = { rule: 'proof', why: 'it is not known who sent it', remedy: 'send it again' };
