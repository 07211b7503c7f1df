import fc from 'fast-check';
import {
  FRESH_MS,
  type Proof,
  purposeHash,
  readProof,
  signedAtMs,
  TOO_MANY,
  unusable,
  withUsed,
} from '../../../rules/identity/proof';

const NOW_MS = Date.parse('2026-11-30T12:00:00Z');
const SIGNED = 'content-type;host;x-amz-content-sha256;x-amz-date;x-rollout-asks';
const authorization = (signed = SIGNED, day = '20261130', signature = 'a'.repeat(64)): string =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${day}/us-east-1/sts/aws4_request, SignedHeaders=${signed}, Signature=${signature}`;
const PROOF: Proof = {
  nonce: '0123456789abcdef',
  host: 'sts.us-east-1.amazonaws.com',
  date: '20261130T120000Z',
  authorization: authorization(),
};
const problem = (changes: object, nowMs = NOW_MS): string | undefined => {
  const read = readProof({ ...PROOF, ...changes }, nowMs);
  return 'problem' in read ? read.problem : undefined;
};

describe('a proof as it is received', () => {
  it('is read when it is whole and fresh', () => {
    expect(readProof(PROOF, NOW_MS)).toEqual({ proof: { ...PROOF, token: undefined }, id: 'a'.repeat(64) });
    const temporary = authorization(SIGNED.replace(';x-rollout', ';x-amz-security-token;x-rollout'));
    expect(problem({ token: 'token', authorization: temporary })).toBeUndefined();
  });

  it.each<[string, object, RegExp]>([
    ['a header less', { authorization: authorization(SIGNED.replace(';x-rollout-asks', '')) }, /must cover exactly/],
    ['a header more', { authorization: authorization(`${SIGNED};x-z`) }, /must cover exactly/],
    ['a token that is not signed', { token: 'token' }, /must cover exactly/],
    ['another service', { authorization: authorization().replace('/sts/', '/iam/') }, /authorization/],
    ['another day', { authorization: authorization(SIGNED, '20261129') }, /another day/],
    ['an address for a host', { host: 'evil.example.org/x?' }, /host/],
    ['a second header in a value', { token: 'x\r\nhost: evil' }, /token/],
    ['a short nonce', { nonce: 'x' }, /nonce/],
    ['no date', { date: undefined }, /date/],
  ])('is refused with %s', (_what, changes, why) => expect(problem(changes)).toMatch(why));

  it('counts for five minutes, and not from the future', () => {
    expect(problem({}, NOW_MS + FRESH_MS)).toBeUndefined();
    expect(problem({}, NOW_MS + FRESH_MS + 1)).toMatch(/5 minutes ago/);
    expect(problem({}, NOW_MS - 60_001)).toMatch(/clock/);
    expect(problem({ date: '20261399T990000Z' })).toBeDefined();
  });

  it('is never read from anything else, and reading never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ nonce: fc.anything(), host: fc.anything() })), (value) => {
        expect(readProof(value, NOW_MS)).toHaveProperty('problem');
      }),
    );
  });
});

describe('what a proof is for', () => {
  const PURPOSE = {
    workflowId: 'rollout-pavi-prod',
    run: 'r1',
    verb: 'resume',
    command: { by: 'ada', flag: 'restore' },
  };
  it('is another hash for another rollout, run, verb, argument and nonce, and the same without the proof itself', () => {
    const hashes = [
      purposeHash(PURPOSE, 'n1'),
      purposeHash(PURPOSE, 'n2'),
      purposeHash({ ...PURPOSE, run: 'r2' }, 'n1'),
      purposeHash({ ...PURPOSE, verb: 'promote' }, 'n1'),
      purposeHash({ ...PURPOSE, workflowId: 'rollout-pavi-dev' }, 'n1'),
      purposeHash({ ...PURPOSE, command: { by: 'ada' } }, 'n1'),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    const sent = { ...PURPOSE, command: { flag: 'restore', proof: PROOF, by: 'ada', reason: undefined } };
    expect(purposeHash(sent, 'n1')).toBe(hashes[0]);
  });
});

describe('proofs that were used', () => {
  it('count once for as long as they are fresh, also when many come', () => {
    const read = (n: number) => ({ id: String(n), proof: PROOF });
    const once = withUsed([], read(1), NOW_MS)!;
    expect(withUsed(once, read(1), NOW_MS + FRESH_MS)).toBeUndefined();
    expect(withUsed(once, read(2), signedAtMs(PROOF) + FRESH_MS + 2_000)).toHaveLength(1);
    let used = once;
    for (let n = 2; n <= 200; n += 1) used = withUsed(used, read(n), NOW_MS)!;
    expect(withUsed(used, read(201), NOW_MS)).toBeUndefined();
    expect(withUsed(used, read(1), NOW_MS)).toBeUndefined();
    expect(unusable(used, '1', NOW_MS)).toBe('its proof was used before');
    expect(unusable(used, '201', NOW_MS)).toBe(TOO_MANY);
    expect(unusable(once, '2', NOW_MS)).toBeUndefined();
  });
});
