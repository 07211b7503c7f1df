import type { LogExcerpt } from '../../../rules/diagnosis/diagnosis';
import { BATCH_LOG_GROUP } from './compute';
import { count, cut, type Notes } from './notes';
import { type LogEvent, readEvents } from '../guards/log-events';
import type { Observation } from '../guards/observation';

const READ = 300;
const SHOWN = 8;
const LINE_LENGTH = 300;
/** CloudWatch's own patterns cannot express "one of these words, in any case". */
const TELLING = /error|denied|forbidden|exception|fail|fatal|traceback|killed|cannot|timed? ?out|not found/i;

/**
 * The newest lines that indicate trouble, of each group. Batch's own group is shared by all jobs in the account, so only
 * the streams of the failed jobs are read there.
 */
export async function readExcerpts(
  groups: readonly string[],
  streams: ReadonlyMap<string, readonly string[]>,
  look: Observation,
  notes: Notes,
): Promise<readonly LogExcerpt[]> {
  const read = await Promise.all(groups.map((group) => readExcerpt(group, streams.get(group), look, notes)));
  return read.filter(({ lines }) => lines.length > 0);
}

async function readExcerpt(
  group: string,
  streams: readonly string[] | undefined,
  look: Observation,
  notes: Notes,
): Promise<LogExcerpt> {
  if (streams === undefined && group === BATCH_LOG_GROUP) return { group, lines: [] };
  const query = {
    group,
    fromMs: look.sinceMs,
    toMs: look.nowMs,
    most: READ,
    streams,
  };
  const events = await notes.ask(
    'FilterLogEvents',
    group,
    async () => (await readEvents(query, look)).events,
    (found) => `${count(found.length, 'line')}, ${found.filter(isTelling).length} of them about trouble`,
  );
  const lines = (events ?? []).filter(isTelling).slice(-SHOWN);
  return { group, lines: lines.map(({ atMs, message }) => ({ atMs, text: cut(message.trim(), LINE_LENGTH) })) };
}

const isTelling = ({ message }: LogEvent): boolean => TELLING.test(message);
