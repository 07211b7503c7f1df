import type { Finding } from '../../../rules/doctor/doctor-report';
import { namespaceFindings, type NamespaceReading } from '../../../rules/doctor/namespace-findings';
import { LISTED } from '../../../workflows/messages';
import { HOUR_MS } from '../../helpers/samples/plans';

const DAY_MS = 24 * HOUR_MS;
const around = { attributes: LISTED, rolloutMs: 8 * DAY_MS };
const good: NamespaceReading = {
  namespace: 'rollouts',
  types: Object.fromEntries(LISTED.map(({ name, type }) => [name, type])),
  retentionMs: 30 * DAY_MS,
  blobBytes: 2 * 1024 * 1024,
  memoBytes: 2 * 1024 * 1024,
  takesUpdates: true,
  versioning: { known: true },
  serverVersion: '1.32.0',
  shards: 64,
};

const found = (change: Partial<NamespaceReading>): readonly Finding[] =>
  namespaceFindings({ ...good, ...change }, around);
const notOk = (change: Partial<NamespaceReading>): readonly Finding[] =>
  found(change).filter(({ level }) => level !== 'ok');

describe('namespaceFindings', () => {
  it('has a row for each thing, and nothing to do where all is set', () => {
    expect(found({}).map(({ subject, level }) => `${subject}: ${level}`)).toEqual([
      "Temporal's server: ok",
      'history shards: ok',
      'types of search attributes of namespace rollouts: ok',
      'retention of namespace rollouts: ok',
      'limits of namespace rollouts: ok',
      'updates: ok',
      'versions of workers: ok',
    ]);
  });

  it.each<[string, Partial<NamespaceReading>, Partial<Finding>]>([
    ['an old server', { serverVersion: '1.28.4' }, { level: 'warning', remedy: expect.stringContaining('1.29') }],
    ['few shards', { shards: 4 }, { level: 'warning', what: expect.stringMatching(/^4: .*cannot be changed later/) }],
    [
      'a search attribute of another type',
      { types: { ...good.types, RolloutStep: 'KEYWORD' } },
      {
        level: 'problem',
        what: 'RolloutStep is Keyword, not Int: every task of a rollout would fail',
        remedy: expect.stringMatching(
          /remove --namespace rollouts --name RolloutStep`, then .*--name RolloutStep --type Int/,
        ),
      },
    ],
    [
      'a retention shorter than a rollout',
      { retentionMs: 3 * DAY_MS },
      {
        level: 'warning',
        what: expect.stringMatching(/^what has ended is kept for 3 d(ays)?, and a rollout takes 8 d/),
        remedy: expect.stringMatching(/--retention 38d`, in Temporal Cloud .*--retention-days 38`/),
      },
    ],
    [
      'a small payload',
      { blobBytes: 65_536 },
      { level: 'problem', remedy: expect.stringContaining('limit.blobSize.error') },
    ],
    [
      'no updates',
      { takesUpdates: false },
      { level: 'problem', what: expect.stringMatching(/^are turned off.*`abort`/) },
    ],
    [
      'no versions of workers',
      { versioning: { known: false, why: 'its server is too old' } },
      { level: 'warning', what: expect.stringContaining('its server is too old') },
    ],
  ])('says what to do about %s', (_what, change, expected) => {
    expect(notOk(change)).toEqual([expect.objectContaining(expected)]);
    expect(notOk(change)[0]?.remedy).toBeDefined();
  });

  it('calls NOT KNOWN what Temporal does not show, and never fine', () => {
    const nothing = namespaceFindings(
      { namespace: 'rollouts', versioning: { known: false, why: 'Request unauthorized' } },
      around,
    );
    const said = nothing.filter(({ what }) => what.includes('NOT KNOWN')).map(({ subject, level }) => [subject, level]);
    expect(said).toEqual([
      ["Temporal's server", 'warning'],
      ['types of search attributes of namespace rollouts', 'warning'],
      ['retention of namespace rollouts', 'warning'],
      ['updates', 'warning'],
    ]);
  });

  it('has no row for shards where Temporal keeps them to itself, as Temporal Cloud does', () => {
    expect(found({ shards: 0 }).some(({ subject }) => subject === 'history shards')).toBe(false);
  });

  it('leaves a missing search attribute to the finding that names it', () => {
    expect(notOk({ types: {} })).toEqual([]);
  });
});
