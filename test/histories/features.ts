/** As it is kept, as far as this needs it. */
export interface RecordedHistory {
  readonly events: readonly RecordedEvent[];
}

interface RecordedEvent extends Readonly<Record<string, unknown>> {
  readonly eventId: string;
  readonly eventType: string;
}

interface Payload {
  readonly data?: string;
}

interface Attributes {
  readonly workflowType?: { readonly name?: string };
  readonly activityType?: { readonly name?: string };
  readonly scheduledEventId?: string;
  readonly signalName?: string;
  readonly acceptedRequest?: { readonly input?: { readonly name?: string } };
  readonly searchAttributes?: { readonly indexedFields?: Readonly<Record<string, Payload>> };
  readonly result?: { readonly payloads?: readonly Payload[] };
  readonly failure?: { readonly cause?: { readonly applicationFailureInfo?: { readonly type?: string } } };
}

/**
 * What happens in a history, so that few histories show everything that happens in all of them: each kind of event, each
 * activity and how it ended, each signal and verb with the phase in which it came, each phase, and how it ended.
 */
export function featuresOf({ events }: RecordedHistory): ReadonlySet<string> {
  const type = attributesOf(events[0])?.workflowType?.name ?? 'none';
  const found = new Set<string>();
  const activities = new Map<string, string>();
  let phase = 'at the start';
  for (const event of events) {
    const given = attributesOf(event) ?? {};
    const kind = event.eventType.replace('EVENT_TYPE_', '');
    found.add(kind);
    if (given.activityType?.name !== undefined) activities.set(event.eventId, given.activityType.name);
    const activity = activities.get(given.scheduledEventId ?? event.eventId);
    if (activity !== undefined) {
      const failed = given.failure?.cause?.applicationFailureInfo?.type ?? '';
      found.add(`${activity} ${kind} ${failed}`);
      found.add(`${activity} in ${phase}`);
    }
    const verb = given.signalName ?? given.acceptedRequest?.input?.name;
    if (verb !== undefined) found.add(`${verb} in ${phase}`);
    const shown = given.searchAttributes?.indexedFields?.['RolloutPhase'];
    if (shown !== undefined && kind.startsWith('UPSERT')) {
      const next = textIn(shown);
      found.add(`from ${phase} to ${next}`);
      phase = next;
    }
    if (kind === 'WORKFLOW_EXECUTION_COMPLETED') found.add(`ends ${outcomeIn(given)}`);
  }
  return new Set([...found].map((feature) => `${type}: ${feature}`));
}

/** Each event has its attributes under a name of its own. */
function attributesOf(event: RecordedEvent | undefined): Attributes | undefined {
  const name = Object.keys(event ?? {}).find((key) => key.endsWith('EventAttributes'));
  return name === undefined ? undefined : (event?.[name] as Attributes);
}

const textIn = ({ data = '' }: Payload): string => Buffer.from(data, 'base64').toString('utf8').replaceAll('"', '');

function outcomeIn({ result }: Attributes): string {
  try {
    return String((JSON.parse(textInJson(result?.payloads?.[0])) as { readonly outcome?: unknown }).outcome);
  } catch {
    return 'without an outcome';
  }
}

const textInJson = (payload: Payload = {}): string => Buffer.from(payload.data ?? '', 'base64').toString('utf8');

/**
 * Few histories that together have every feature: first the one that adds most for its size, and so on.
 *
 * @param all by name, with the size in bytes.
 */
export function fewest(
  all: ReadonlyMap<string, { readonly features: ReadonlySet<string>; readonly bytes: number }>,
): readonly string[] {
  const missing = new Set([...all.values()].flatMap(({ features }) => [...features]));
  const left = new Map(all);
  const chosen: string[] = [];
  while (missing.size > 0) {
    let best: { readonly name: string; readonly worth: number } | undefined;
    for (const [name, { features, bytes }] of left) {
      const adds = [...features].filter((feature) => missing.has(feature)).length;
      if (adds === 0) left.delete(name);
      else if (best === undefined || adds / bytes > best.worth) best = { name, worth: adds / bytes };
    }
    if (best === undefined) break;
    all.get(best.name)?.features.forEach((feature) => missing.delete(feature));
    left.delete(best.name);
    chosen.push(best.name);
  }
  return chosen.sort();
}
