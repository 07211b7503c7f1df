import fc from 'fast-check';
import { channelsFor } from '../../../rules/notify/channels';
import { INCIDENT_KINDS, incidentSteps } from '../../../rules/notify/incidents';
import { type Channel, NOTICE_KINDS, type NoticeKind } from '../../../rules/notify/notice';

const onCall: Channel = { name: 'on-call', pagerduty: { routingKey: { variable: 'KEY' } } };
const kind = fc.constantFrom(...NOTICE_KINDS);
const events = fc.option(fc.uniqueArray(fc.constantFrom(...INCIDENT_KINDS), { minLength: 1 }), { nil: undefined });

/** The incidents that are open after these notices. */
function openAfter(kinds: readonly NoticeKind[], asked?: readonly NoticeKind[]): readonly string[] {
  const open = new Set<string>();
  for (const { action, trouble } of kinds.flatMap((one) => incidentSteps(asked, one)))
    if (action === 'trigger') open.add(trouble);
    else if (action === 'resolve') open.delete(trouble);
  return [...open];
}

it.each<[NoticeKind, readonly string[]]>([
  ['held', ['trigger held']],
  ['overdue', ['trigger held']],
  ['paused', ['acknowledge held']],
  ['raised', ['resolve held']],
  ['zero-not-confirmed', ['trigger zero']],
  ['unwatched', ['trigger unwatched']],
  ['rolled-back', ['resolve held', 'resolve zero', 'resolve unwatched', 'trigger rollback']],
  ['completed', ['resolve held', 'resolve unwatched', 'resolve rollback']],
  ['started', []],
  ['waiting', []],
])('%s does %j to the incidents of a channel that names no events', (one, wanted) =>
  expect(incidentSteps(undefined, one).map(({ action, trouble }) => `${action} ${trouble}`)).toEqual(wanted),
);

it('an approval opens an incident only for a channel that asks for it', () => {
  expect(openAfter(['waiting'], ['waiting'])).toEqual(['waiting']);
  expect(openAfter(['waiting', 'raised'], ['waiting'])).toEqual([]);
  expect(channelsFor({ notify: [onCall] }, 'waiting')).toEqual([]);
  expect(channelsFor({ notify: [{ ...onCall, events: ['waiting'] }] }, 'raised')).toHaveLength(1);
});

it('a rollout that completes leaves nothing open, whatever came before and whatever is asked for', () => {
  const ofRollout = kind.filter((one) => !/deployment|verification|zero/.test(one));
  fc.assert(
    fc.property(fc.array(ofRollout), events, (kinds, asked) => {
      expect(openAfter([...kinds, 'completed'], asked)).toEqual([]);
    }),
  );
});

it('a channel hears of an incident what it may hear, and no end of one that it never opens', () => {
  fc.assert(
    fc.property(kind, events, (one, asked) => {
      const steps = incidentSteps(asked, one);
      expect(
        channelsFor({ notify: [{ ...onCall, ...(asked === undefined ? {} : { events: asked }) }] }, one),
      ).toHaveLength(steps.length > 0 ? 1 : 0);
      const opened = new Set(
        INCIDENT_KINDS.flatMap((each) => incidentSteps(asked, each)).flatMap((step) =>
          step.action === 'trigger' ? [step.trouble] : [],
        ),
      );
      expect(steps.filter(({ trouble }) => !opened.has(trouble))).toEqual([]);
    }),
  );
});
