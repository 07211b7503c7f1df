import { stripVTControlCharacters } from 'node:util';
import { uiOf, webLink } from '../../../client/temporal/connect';
import { explain } from '../../../client/temporal/explain-error';
import { CliError } from '../../../client/terminal/cli-error';
import { commandLine } from '../../../client/options';
import { paint, renderStatus } from '../../../client/terminal/render';
import { exitCodeOf } from '../../../client/rollout/watch';
import { newEntries } from '../../../client/watch/screen';
import { describeStatus } from '../../../rules/report/rollout';
import type { Outcome } from '../../../rules/rollout/status/status';
import { NOON, soakingStatus, withoutWait } from '../../helpers/samples/rollout-status';

const server = { address: 'host:7233', namespace: 'default' };

describe('paint', () => {
  it('shows the words of the Web UI, without its markdown', () => {
    const why = 'job *17* in `prod` [x] <y>';
    const status = soakingStatus({ phase: 'paused', wait: { why, sinceMs: NOON, verbs: [] } });
    const shown = stripVTControlCharacters(paint(describeStatus(status, NOON)));
    expect(shown).toContain('pavi prod: PAUSED at 25 %: job *17* in `prod` [x] <y>.');
    expect(shown).not.toContain('**');
  });

  it('is shown in the zone of this machine', () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(renderStatus(soakingStatus(), NOON)).toBe(describeStatus(soakingStatus(), NOON, zone));
  });
});

describe('uiOf', () => {
  it.each([
    ['acme.a1b2c.tmprl.cloud:7233', undefined, 'https://cloud.temporal.io'],
    ['us-east-1.aws.api.temporal.io:7233', undefined, 'https://cloud.temporal.io'],
    ['temporal.internal:7233', undefined, undefined],
    ['temporal.internal:7233', 'https://temporal-ui.internal/', 'https://temporal-ui.internal'],
    ['evil-tmprl.cloud.example:7233', undefined, undefined],
  ])('of %s, told %s, is %s', (address, named, expected) => expect(uiOf(address, named)).toBe(expected));
});

describe('webLink', () => {
  it('leads to the run', () => {
    expect(webLink({ ui: 'http://ui', namespace: 'default' }, 'rollout-pavi-prod', 'run 1')).toBe(
      'http://ui/namespaces/default/workflows/rollout-pavi-prod/run%201/user-metadata',
    );
  });

  it('is left out when the Web UI is not known', () => {
    expect(webLink({ namespace: 'default' }, 'rollout-pavi-prod')).toBeUndefined();
  });
});

describe('typed', () => {
  it('repeats what names the rollout', () => {
    expect(commandLine('abort', 'prod', {})).toBe('npx rollout abort prod');
    expect(commandLine('abort', 'prod', { plan: 'p.yaml', sandbox: true, json: true })).toBe(
      'npx rollout abort prod --plan p.yaml --sandbox',
    );
    expect(commandLine('abort', 'prod', { service: 'pavi', profile: 'cloud' })).toBe(
      'npx rollout abort prod --service pavi --profile cloud',
    );
  });
});

describe('exitCodeOf', () => {
  it.each<[Outcome['outcome'] | undefined, number]>([
    ['completed', 0],
    ['rolled-back', 1],
    ['aborted', 1],
    ['refused', 3],
    [undefined, 1],
  ])('a watch that saw %s is %d', (outcome, expected) => {
    const ended = withoutWait({
      phase: 'ended',
      outcome: outcome === undefined ? undefined : { outcome, why: 'x', atMs: NOON },
    });
    expect(exitCodeOf(ended)).toBe(expected);
  });
});

describe('newEntries', () => {
  const entry = (atMs: number) => ({ atMs, what: `at ${atMs}` });

  it('are those after the last one shown, also when the log dropped its oldest', () => {
    expect(newEntries([entry(1), entry(2)], [entry(2), entry(3), entry(4)])).toEqual([entry(3), entry(4)]);
    expect(newEntries([], [entry(1)])).toEqual([entry(1)]);
    expect(newEntries([entry(1)], [entry(1)])).toEqual([]);
  });
});

describe('explain', () => {
  const grpc = (code: number, details: string) => Object.assign(new Error(details), { code, details, metadata: {} });

  it.each<[string, unknown, RegExp]>([
    [
      'a server that is away',
      grpc(14, 'connection refused'),
      /^Temporal does not answer at host:7233 \(connection refused\)/,
    ],
    [
      'a key that is wrong',
      grpc(16, 'bad key'),
      /refused access to namespace 'default': bad key\. Check TEMPORAL_API_KEY/,
    ],
    ['a namespace that is not there', grpc(5, 'Namespace default is not found.'), /has no namespace 'default'/],
    [
      'search attributes that are not registered',
      grpc(3, 'no mapping defined for search attribute RolloutPhase'),
      /temporal operator search-attribute create/,
    ],
    ['anything else', new Error('first line\nsecond line'), /^first line$/],
    ['nothing at all', new Error(''), /without saying why/],
  ])('tells %s in plain words', (_case, error, expected) => expect(explain(error, server).message).toMatch(expected));

  it('leaves alone what is plain already', () => {
    const failure = new CliError(3, 'refused');
    expect(explain(failure, server)).toBe(failure);
  });
});
