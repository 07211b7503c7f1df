import { type AlarmList, type AlarmSource, listAlarms } from '../../activities/alarm-list';
import { CliError } from '../terminal/cli-error';

/** The alarms of an account, by prefix or stack. Throws a Failure when there are none, or AWS does not say. */
export async function alarmsOf(
  place: { readonly region: string; readonly profile?: string },
  source: AlarmSource,
): Promise<AlarmList> {
  const from = 'prefix' in source ? `whose name begins with ${source.prefix}` : `in the stack ${source.stack}`;
  let found: AlarmList;
  try {
    found = await listAlarms(place, source);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(1, `The alarms in ${place.region} could not be read: ${why}. Or name them with --alarm NAME.`);
  }
  if (found.alarms.length > 0) return found;
  const where = `account ${found.account}, region ${place.region}`;
  throw new CliError(1, `There is no alarm ${from} in ${where}. Name the alarms with --alarm NAME.`);
}
