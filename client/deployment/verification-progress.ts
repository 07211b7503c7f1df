import type { Client } from '@temporalio/client';
import type { Part, Verification } from '../../rules/verification/verification';
import { partLine } from '../../rules/report/verification';
import { formatDuration } from '../../rules/format';
import { verificationQuery } from '../../workflows/messages';

/** Steps in which a long watch reports its progress. */
const SHARES = 10;

/**
 * The news of a verification since the last call, one line per part; undefined when there is none or no worker answers. All
 * verifications of an environment share one id: one that started before `sinceMs` is another run.
 */
export function verificationProgress(
  workflowId: string,
): (client: Client, sinceMs?: number) => Promise<string | undefined> {
  const said = new Map<string, string>();
  return async (client, sinceMs = -Infinity) => {
    const verification = await client.workflow
      .getHandle(workflowId)
      .query(verificationQuery)
      .catch(() => undefined);
    const isOurs = verification !== undefined && verification.startedAtMs >= sinceMs;
    const news = isOurs ? newsOf(verification, said, Date.now()) : [];
    return news.length === 0 ? undefined : news.join('\n  ');
  };
}

export function newsOf({ parts }: Verification, said: Map<string, string>, nowMs: number): readonly string[] {
  return parts.flatMap((part) => {
    const key = `${part.state} ${part.why} ${sharesDone(part, nowMs)}`;
    if (part.state === 'open' || said.get(part.part) === key) return [];
    said.set(part.part, key);
    return [partLine(part) + elapsed(part, nowMs), ...(part.differences ?? []).map((difference) => `  ${difference}`)];
  });
}

/** Tenths of the time limit. */
function sharesDone({ state, startedAtMs, untilMs }: Part, nowMs: number): number {
  if (state !== 'running' || startedAtMs === undefined || untilMs === undefined || untilMs <= startedAtMs) return 0;
  return Math.floor((SHARES * (nowMs - startedAtMs)) / (untilMs - startedAtMs));
}

function elapsed({ state, startedAtMs, untilMs }: Part, nowMs: number): string {
  if (state !== 'running' || startedAtMs === undefined || untilMs === undefined) return '';
  return ` (${formatDuration(nowMs - startedAtMs)} of ${formatDuration(untilMs - startedAtMs)})`;
}
