import type { Guard } from '../../../rules/guards/guard';
import type { GuardReading } from '../../../rules/guards/readings';
import { messageOf, nameOf } from '../../failures';
import { readComparison } from './comparison';
import { readExecutions } from '../executions';
import { readFollows } from './follows';
import { readLogs } from './logs';
import { unlessAborted } from '../../poll';
import type { Observation } from './observation';
import { readMetric } from './metrics';
import { readResultsOfJobs } from './results';

/** The measurement of a guard; a failed read is a reading too, so that it hides no other. */
export async function readGuard(guard: Guard, look: Observation): Promise<GuardReading> {
  try {
    // Whatever the SDK does before its request, such as waiting for credentials, ignores the signal.
    return await unlessAborted(read(guard, look), look.abortSignal);
  } catch (error) {
    return { name: guard.name, kind: 'error', why: `${nameOf(error)}: ${messageOf(error)}` };
  }
}

function read(guard: Guard, look: Observation): Promise<GuardReading> {
  switch (guard.kind) {
    case 'metric':
      return readMetric(guard, look);
    case 'logs':
      return readLogs(guard, look);
    case 'executions':
      return readExecutions(guard, look);
    case 'comparison':
      return readComparison(guard, look);
    case 'results':
      return readResultsOfJobs(guard, look);
    case 'follows':
      return readFollows(guard, look);
  }
}
