import * as names from '../names';
import { z } from 'zod';
import { NOTICE_KINDS } from '../../notify/notice';
import { kebab, key, list, matching, text } from '../problems/schema-key';
import { duplicates, listAt, valueAt, type Finding } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';
import type { Path } from '../problems/problems';

export const contactSchema = key(text().max(200, { error: 'must have at most 200 characters' }), {
  is: 'The escalation contact, shown in the status, by the doctor, with a diagnosis and in notices.',
  remedy: "write whom to ask, in quotes, such as 'Slack #shop-support'",
});

const webhookSchema = key(
  z.strictObject({
    parameter: key(matching(names.SSM_PARAMETER, 'must be the full path of an SSM parameter'), {
      is: 'Name of the SSM parameter of type SecureString that holds the address, with {env} when each environment has its own.',
      remedy: 'write a path such as /shop/{env}/rollout-webhook',
    }).optional(),
    variable: key(matching(/^[A-Z][A-Z0-9_]*$/, 'must be capital letters, digits and _'), {
      is: 'Name of the environment variable of the worker that holds the address.',
      remedy: 'write a name such as ROLLOUT_WEBHOOK',
    }).optional(),
  }),
  {
    is: 'An incoming webhook, like those of Slack. Its address is a secret: write here only where the worker finds it.',
    remedy: 'write where the address is kept, such as `{ parameter: /shop/{env}/rollout-webhook }`',
  },
);

export const notifySchema = key(
  z.array(
    z.strictObject({
      name: key(matching(names.KEBAB_CASE, kebab).max(64, { error: 'must have at most 64 characters' }), {
        is: 'Name of the channel, as people know it.',
        remedy: 'write a name such as support',
      }),
      topic: key(matching(names.TOPIC, 'must be the ARN of an SNS topic, and not of a FIFO topic'), {
        is: 'ARN of an SNS topic, with {env} when each environment has its own.',
        remedy: "write the ARN in quotes, such as 'arn:aws:sns:us-east-1:111111111111:shop-rollouts-{env}'",
      }).optional(),
      webhook: webhookSchema.optional(),
      events: key(list(z.enum(NOTICE_KINDS), 'must name at least one'), {
        is: `Events that the channel gets: ${NOTICE_KINDS.join(', ')}. Default: all.`,
        remedy: 'write a list such as [held, overdue, rolled-back, zero-not-confirmed]',
      }).optional(),
    }),
  ),
  {
    is: 'The channels that get notices, and which events each gets.',
    remedy: 'write a list such as `- { name: support, webhook: { parameter: /shop/{env}/rollout-webhook } }`',
  },
);

/** A channel has one way to send, a webhook one place for its address, and `team-notified` a channel that reports the start. */
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
    ...oneOf(raw, path, ['topic', 'webhook'], 'write an SNS topic or a webhook; write two channels for both'),
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
    const proof = valueAt(item, ['proof']);
    const named = valueAt(proof, ['check']) ?? proof;
    if (named !== 'team-notified' && !asksTheTeam(raw, environment, named)) return [];
    const remedy = 'add a channel under notify that gets the event started, or remove the proof';
    return [{ path: [...checklist, i, 'proof'], problem: 'has no channel that gets the event started', remedy }];
  });
}

/** Whether a check of that name asks for the notice of the start. */
function asksTheTeam(raw: unknown, environment: Path, name: unknown): boolean {
  if (typeof name !== 'string') return false;
  const check = valueAt(raw, [...environment, 'checks', name]) ?? valueAt(raw, ['checks', name]);
  return check === 'team-notified' || valueAt(check, ['team-notified']) === true;
}
