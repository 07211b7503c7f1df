import type { ExecutionListItem, ExecutionStatus, HistoryEvent } from '@aws-sdk/client-sfn';
import { DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import type { Evidence, ExecutionSign } from '../../../rules/diagnosis/signs';
import { count, cut, type Notes } from './notes';
import { executionsPage } from '../executions';
import type { Observation } from '../guards/observation';

/** The newest of each kind: the latest failure shows the present problem. */
const MOST = { FAILED: 5, TIMED_OUT: 3 } as const;
const LISTED = 100;
const EVENTS = 200;
const CAUSE_LENGTH = 800;

/** Why executions did not succeed: the named one, else those of the state machine that ended last. */
export async function readFailedExecutions(
  { stateMachine, execution }: { readonly stateMachine?: string; readonly execution?: string },
  look: Observation,
  notes: Notes,
): Promise<readonly ExecutionSign[]> {
  if (execution !== undefined) return readNamed(execution, look, notes);
  if (stateMachine === undefined) return [];
  const statuses = ['FAILED', 'TIMED_OUT'] as const;
  const listed = await Promise.all(statuses.map((status) => newest(stateMachine, status, look, notes)));
  return Promise.all(listed.flat().map((item) => readOne(item, look, notes)));
}

async function readNamed(executionArn: string, look: Observation, notes: Notes): Promise<readonly ExecutionSign[]> {
  const { clients, abortSignal } = look;
  const described = await notes.ask(
    'DescribeExecution',
    executionArn,
    () => clients.sfn.send(new DescribeExecutionCommand({ executionArn }), { abortSignal }),
    ({ status }) => status ?? 'no status',
  );
  if (described === undefined || described.status === 'SUCCEEDED' || described.status === 'RUNNING') return [];
  return [await readOne(described, look, notes)];
}

async function newest(
  stateMachine: string,
  statusFilter: keyof typeof MOST & ExecutionStatus,
  look: Observation,
  notes: Notes,
): Promise<readonly ExecutionListItem[]> {
  const recent = await notes.ask(
    'ListExecutions',
    `${stateMachine}, ${statusFilter}`,
    async () => {
      const { executions } = await executionsPage(look, { stateMachine, statusFilter, maxResults: LISTED });
      // However long ago it was started: the latest end shows the present problem.
      return executions.filter(({ startDate, stopDate }) => ((stopDate ?? startDate)?.getTime() ?? 0) >= look.sinceMs);
    },
    (found) => `${count(found.length, 'execution')}${found.length === LISTED ? ' or more' : ''}`,
  );
  return (recent ?? []).slice(0, MOST[statusFilter]);
}

type Described = Partial<Pick<ExecutionListItem, 'executionArn' | 'status' | 'startDate' | 'redriveDate' | 'stopDate'>>;

async function readOne(execution: Described, look: Observation, notes: Notes): Promise<ExecutionSign> {
  const { executionArn = '', status = '', startDate, redriveDate, stopDate } = execution;
  const { clients, abortSignal } = look;
  const command = { executionArn, reverseOrder: true, maxResults: EVENTS };
  const events = await notes.ask(
    'GetExecutionHistory',
    executionArn,
    async () => {
      const { events = [] } = await clients.sfn.send(new GetExecutionHistoryCommand(command), { abortSignal });
      return sinceRedrive(events);
    },
    (found) => `${status}, ${count(failing(found).length, 'failing event')}`,
  );
  const failures = failing(events ?? []).reverse();
  const error = failures.findLast(({ type }) => type === 'ExecutionFailed');
  const name = error === undefined ? undefined : reasonOf(error).error;
  return {
    arn: executionArn,
    status,
    startedAtMs: (redriveDate ?? startDate)?.getTime() ?? look.nowMs,
    endedAtMs: stopDate?.getTime(),
    error: name,
    events: failures.map((event) => evidenceOf(event, executionArn, events ?? [])),
  };
}

/** Newest first. The history continues after a redrive, and earlier failures did not end the execution this time. */
function sinceRedrive(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const redriven = events.findIndex(({ type }) => type === 'ExecutionRedriven');
  return redriven === -1 ? events : events.slice(0, redriven);
}

const failing = (events: readonly HistoryEvent[]): HistoryEvent[] =>
  events.filter((event) => /(?:Failed|TimedOut)$/.test(event.type ?? '') && reasonOf(event).text !== '');

interface Reason {
  readonly error?: string;
  readonly text: string;
}

/** Every kind of failing event has its own details, all with `error` and `cause`. */
function reasonOf(event: HistoryEvent): Reason {
  for (const [field, details] of Object.entries(event)) {
    if (!field.endsWith('EventDetails') || typeof details !== 'object' || details === null) continue;
    const { error, cause } = details as { readonly error?: string; readonly cause?: string };
    if (error === undefined && cause === undefined) continue;
    const text = [error, cause === undefined ? undefined : causeText(cause)].filter(Boolean).join(': ');
    return { error, text: cut(text, CAUSE_LENGTH) };
  }
  return { text: event.type === 'ExecutionTimedOut' ? 'States.Timeout' : '' };
}

/** Batch describes a failed job in JSON, some kilobytes with all its variables; keep the part that ended it. */
function causeText(cause: string): string {
  try {
    const job = JSON.parse(cause) as Readonly<Record<string, unknown>>;
    const container = job['Container'] as Readonly<Record<string, unknown>> | undefined;
    const exitCode = container?.['ExitCode'];
    const parts = [job['JobName'], job['StatusReason'], container?.['Reason']];
    const said = parts.filter((part) => typeof part === 'string' && part !== '').join(': ');
    if (said === '') return cause;
    return typeof exitCode === 'number' ? `${said} (exit code ${exitCode})` : said;
  } catch {
    return cause;
  }
}

function evidenceOf(event: HistoryEvent, where: string, events: readonly HistoryEvent[]): Evidence {
  const state = stateOf(event, events);
  const { text } = reasonOf(event);
  return {
    source: 'GetExecutionHistory',
    where,
    atMs: event.timestamp?.getTime(),
    says: `${event.type ?? ''}${state === undefined ? '' : ` in ${state}`}: ${text}`,
  };
}

/** Name of the state in which it happened, from the events before it. */
function stateOf(event: HistoryEvent, events: readonly HistoryEvent[]): string | undefined {
  if (event.type?.startsWith('Execution') === true) return undefined;
  const byId = new Map(events.map((each) => [each.id, each]));
  let at: HistoryEvent | undefined = event;
  for (let steps = 0; at !== undefined && steps < EVENTS; steps += 1) {
    if (at.stateEnteredEventDetails?.name !== undefined) return at.stateEnteredEventDetails.name;
    at = at.previousEventId === undefined ? undefined : byId.get(at.previousEventId);
  }
  return undefined;
}
