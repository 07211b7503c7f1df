import { type CheckAnswer, no, unknown, yes } from '../../../rules/checks/check';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { sideNamed, sideWords } from '../../../rules/jobs/side';
import { messageOf } from '../../failures';
import { webFetch } from '../../web';
import { executionsPage } from '../executions';
import type { Asking } from './asking';
import { within } from '../../within';

const REQUEST_WITHIN_MS = 5_000;
/** At most this many executions of one state machine are listed. */
const LISTED = 1_000;
const NAMED = 5;

/** At 0 % every instance must know that the flag is off: its own health reports the old side. */
export async function instancesOnOldSide({ plan, signal }: Asking): Promise<CheckAnswer> {
  const { apiUrl, instances = apiUrl === undefined ? [] : [apiUrl] } = plan.verification;
  if (instances.length === 0)
    return unknown('the plan names no verification.apiUrl: check every instance of the API by hand');
  const sides = sideWords(plan.flag);
  const modes = await Promise.all(instances.map((api) => modeOf(api, signal)));
  const why = modes.map(({ api, mode }) => `${api} says ${mode}`).join('; ');
  return modes.every(({ mode }) => sideNamed(mode, sides) === 'old') ? yes(why) : no(why);
}

interface Mode {
  readonly api: string;
  readonly mode: string;
}

async function modeOf(api: string, asking: AbortSignal): Promise<Mode> {
  try {
    const signal = within(REQUEST_WITHIN_MS, asking);
    const answer = await webFetch(`${api.replace(/\/+$/, '')}/api/health`, { signal });
    // Read in any case: a body that nobody reads keeps its connection.
    const text = await answer.text();
    if (answer.status !== 200) return { api, mode: `status ${answer.status}` };
    const { execution_mode: mode } = JSON.parse(text) as { execution_mode?: unknown };
    return { api, mode: typeof mode === 'string' ? mode : 'no execution_mode' };
  } catch (error) {
    asking.throwIfAborted();
    return { api, mode: `nothing (${messageOf(error)})` };
  }
}

/** The executions that run now, of every state machine whose executions a guard counts. */
export async function noneInFlight({ plan, awsFor, signal }: Asking): Promise<CheckAnswer> {
  const stateMachines = machinesOf(plan);
  if (stateMachines.length === 0) return unknown('no guard of the plan names a state machine to check');
  const look = { clients: awsFor(plan.aws), aws: plan.aws, abortSignal: signal };
  const statusFilter = 'RUNNING';
  const pages = await Promise.all(
    stateMachines.map((stateMachine) => executionsPage(look, { stateMachine, statusFilter })),
  );
  const names = pages.flatMap(({ executions }) => executions.map(({ name }) => name ?? 'without a name'));
  if (names.length === 0) return yes('none runs');
  const some = names.slice(0, NAMED).join(', ');
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const least = pages.some(({ executions }) => executions.length >= LISTED) ? 'at least ' : '';
  const meaning = 'An API that reads every job from the side of the global switch answers 404 for them';
  return no(`${least}${names.length} still run and may finish: ${some}${more}. ${meaning}`, { executions: names });
}

function machinesOf({ watch }: EnvironmentPlan): readonly string[] {
  return [...new Set(watch.guards.flatMap((guard) => (guard.kind === 'executions' ? [guard.stateMachine] : [])))];
}
