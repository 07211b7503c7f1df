import { duplicates, listAt, valueAt, type Finding } from './problems/plan-problem';
import { environmentPaths } from './problems/places';
import type { Path } from './problems/problems';

/** Each channel has one way, each webhook one place of its address, and `team-notified` somebody who is told of the start. */
export function notifyFindings(raw: unknown): readonly Finding[] {
  const lists: readonly Path[] = [['notify'], ...environmentPaths(raw).map((path): Path => [...path, 'notify'])];
  return [
    ...lists.flatMap((path) => duplicates(raw, path, 'name')),
    ...lists.flatMap((path) => listAt(raw, path).flatMap((_, i) => channelFindings(raw, [...path, i]))),
    ...environmentPaths(raw).flatMap((path) => unheardProofs(raw, path)),
  ];
}

function channelFindings(raw: unknown, path: Path): readonly Finding[] {
  const webhook: Path = [...path, 'webhook'];
  const has = typeof valueAt(raw, webhook) === 'object' && valueAt(raw, webhook) !== null;
  return [
    ...oneOf(raw, path, ['topic', 'webhook'], 'write an SNS topic or a webhook, and two channels for both'),
    ...(has ? oneOf(raw, webhook, ['parameter', 'variable'], 'write the parameter or the variable') : []),
  ];
}

function oneOf(raw: unknown, path: Path, keys: readonly [string, string], remedy: string): readonly Finding[] {
  const written = keys.filter((key) => valueAt(raw, [...path, key]) !== undefined);
  if (written.length === 1) return [];
  const problem = written.length === 0 ? `has neither ${keys.join(' nor ')}` : `has both ${keys.join(' and ')}`;
  return [{ path, problem, remedy }];
}

function unheardProofs(raw: unknown, environment: Path): readonly Finding[] {
  const own: Path = [...environment, 'notify'];
  const channels = listAt(raw, valueAt(raw, own) === undefined ? ['notify'] : own);
  const hears = channels.some((channel) => {
    const events = valueAt(channel, ['events']);
    return !Array.isArray(events) || events.includes('started');
  });
  if (hears) return [];
  const checklist: Path = [...environment, 'checklist'];
  return listAt(raw, checklist).flatMap((item, i) => {
    if (valueAt(item, ['proof']) !== 'team-notified') return [];
    const remedy = 'write a channel under notify that is told of started, or take the proof out';
    return [{ path: [...checklist, i, 'proof'], problem: 'has nobody who is told of the start', remedy }];
  });
}
