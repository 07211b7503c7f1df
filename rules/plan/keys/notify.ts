import * as names from '../names';
import { z } from 'zod';
import { isObject } from '../../../flags/json';
import { INCIDENT_KINDS, incidentSteps } from '../../notify/incidents';
import { NOTICE_KINDS } from '../../notify/notice';
import { kebab, key, list, matching, text } from '../problems/schema-key';
import { duplicates, listAt, valueAt, type Finding } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';
import type { Path } from '../problems/problems';
import { secretPlace } from './channels/secret-place';
import { pagerdutySchema, signedWebhookSchema, slackSchema } from './channels/services';

export const contactSchema = key(text().max(200, { error: 'must have at most 200 characters' }), {
  is: 'The escalation contact, shown in the status, by the doctor, with a diagnosis and in notices.',
  remedy: "write whom to ask, in quotes, such as 'Slack #shop-support'",
});

const webhookSchema = secretPlace('the address', 'rollout-webhook').meta({
  description:
    'An incoming webhook, like those of Slack. Its address is a secret: write here only where the worker finds it.',
});

const SERVICES = ['topic', 'webhook', 'slack', 'pagerduty', 'signedWebhook'] as const;

/** What PagerDuty gets when the channel names no events. */
const ALERTS = INCIDENT_KINDS.filter((kind) =>
  incidentSteps(undefined, kind).some(({ action }) => action === 'trigger'),
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
      slack: slackSchema.optional(),
      pagerduty: pagerdutySchema.optional(),
      signedWebhook: signedWebhookSchema.optional(),
      events: key(list(z.enum(NOTICE_KINDS), 'must name at least one'), {
        is: `Events that the channel gets: ${NOTICE_KINDS.join(', ')}. Default: all; for PagerDuty ${ALERTS.join(', ')}.`,
        remedy: 'write a list such as [held, overdue, rolling-back, zero-not-confirmed]',
      }).optional(),
    }),
  ),
  {
    is: 'The channels that get notices, and which events each gets.',
    remedy: 'write a list such as `- { name: support, webhook: { parameter: /shop/{env}/rollout-webhook } }`',
  },
);

/**
 * A channel has one way to send, a secret one place, and `team-notified` a channel that reports the start. PagerDuty gets
 * what opens an incident: another event would never reach it.
 */
export function notifyFindings(raw: unknown): readonly Finding[] {
  const lists: readonly Path[] = [['notify'], ...environmentPaths(raw).map((path): Path => [...path, 'notify'])];
  return [
    ...lists.flatMap((path) => duplicates(raw, path, 'name')),
    ...lists.flatMap((path) => listAt(raw, path).flatMap((_, i) => channelFindings(raw, [...path, i]))),
    ...environmentPaths(raw).flatMap((path) => unheardProofs(raw, path)),
  ];
}

/** The places of secrets in a channel. */
const SECRETS: readonly Path[] = [
  ['webhook'],
  ['slack', 'token'],
  ['pagerduty', 'routingKey'],
  ['signedWebhook', 'address'],
  ['signedWebhook', 'key'],
];

function channelFindings(raw: unknown, path: Path): readonly Finding[] {
  return [
    ...oneOf(raw, path, SERVICES, 'write one of them; write two channels for two'),
    ...SECRETS.map((inner): Path => [...path, ...inner])
      .filter((place) => isObject(valueAt(raw, place)))
      .flatMap((place) => oneOf(raw, place, PLACES, 'write the parameter, the secret or the variable')),
    ...silentEvents(raw, path),
  ];
}

const PLACES = ['parameter', 'secret', 'variable'] as const;

function silentEvents(raw: unknown, path: Path): readonly Finding[] {
  if (valueAt(raw, [...path, 'pagerduty']) === undefined) return [];
  const remedy = `remove it, or write one of ${INCIDENT_KINDS.join(', ')}; what ends an incident is sent without being named`;
  return listAt(raw, [...path, 'events']).flatMap((kind, i) => {
    const isKnown = NOTICE_KINDS.some((one) => one === kind);
    if (!isKnown || INCIDENT_KINDS.some((one) => one === kind)) return [];
    return [{ path: [...path, 'events', i], problem: 'opens no incident of PagerDuty', remedy }];
  });
}

function oneOf(raw: unknown, path: Path, keys: readonly string[], remedy: string): readonly Finding[] {
  const written = keys.filter((key) => valueAt(raw, [...path, key]) !== undefined);
  if (written.length === 1) return [];
  if (written.length > 1) return [{ path, problem: `has ${written.join(' and ')}`, remedy }];
  const list = `${keys.slice(0, -1).join(', ')} nor ${keys.at(-1)}`;
  return [{ path, problem: `has neither ${list}`, remedy }];
}

function unheardProofs(raw: unknown, environment: Path): readonly Finding[] {
  const own: Path = [...environment, 'notify'];
  const channels = listAt(raw, valueAt(raw, own) === undefined ? ['notify'] : own);
  const hears = channels.some((channel) => {
    const events = valueAt(channel, ['events']);
    if (valueAt(channel, ['pagerduty']) !== undefined) return false;
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
