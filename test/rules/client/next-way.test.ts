import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { CliError } from '../../../client/terminal/cli-error';
import { orNextWay } from '../../../client/flag/next-way';
import { breakGlassLine } from '../../../client/options';
import { Target } from '../../../client/target';
import { silence } from '../../../client/temporal/explain-error';

/** The words a shell makes of command lines, one list for each. */
function wordsOf(lines: readonly string[]): readonly (readonly string[])[] {
  const script = lines.map((line) => `npx() { printf '%s\\0' "$@"; printf '\\036\\0'; }; ${line}`).join('\n');
  const said = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  return said
    .split('\u001e\0')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1));
}

const typed = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');

describe('the line to paste', () => {
  it('is one line, and a shell reads of it what was typed, whatever that was', () => {
    // What an operator types reaches a program as valid UTF-8, without the end of a C string.
    const text = fc
      .oneof(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.array(fc.constantFrom("'", '"', '`', '$(id)', '\\', '!', ' ', '\n', '-', ';', '&', '*', '{{', '🙂'), {
          maxLength: 12,
        }),
      )
      .map((parts) => (typeof parts === 'string' ? parts : parts.join('')));
    const lines = fc.array(fc.record({ reason: text, plan: text, by: text, profile: text, sandbox: fc.boolean() }), {
      minLength: 20,
      maxLength: 20,
    });
    fc.assert(
      fc.property(lines, (all) => {
        const made = all.map(({ reason, ...options }) => breakGlassLine('prod', reason, options));
        expect(made.filter((line) => /[\p{Cc}\u2028\u2029]/u.test(line))).toEqual([]);
        expect(wordsOf(made)).toEqual(
          all.map(({ reason, plan, by, profile, sandbox }) => [
            ...['rollout', 'flags', 'set', 'prod', '--percentage', '0', '--break-glass'],
            ...['--reason', typed(reason), '--by', typed(by), '--plan', typed(plan)],
            ...(sandbox ? ['--sandbox'] : []),
            ...['--profile', typed(profile)],
          ]),
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe('a verb that leads to 0 %', () => {
  let said: string[];
  beforeEach(() => {
    said = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });
  const target = () => new Target('prod', { plan: 'no-such-plan.yaml', ...{ reason: 'users complain' } });
  const line =
    "  npx rollout flags set prod --percentage 0 --break-glass --reason 'users complain' --plan no-such-plan.yaml";

  it.each(['abort', 'rollback', 'pause'])('names the next way once when it fails: %s', async (verb) => {
    const ran = orNextWay(verb, target(), () => Promise.reject(new CliError(1, 'nobody answers')));
    await expect(ran).rejects.toMatchObject({
      exitCode: 1,
      message: 'nobody answers',
      facts: { breakGlass: [line.trim()], flag: { environment: 'prod', why: expect.any(String) as string } },
      unsaid: expect.stringMatching(/^The value of the flag of prod is NOT KNOWN/) as string,
    });
    expect(
      said
        .join('')
        .split('\n')
        .filter((one) => one === line),
    ).toHaveLength(1);
  });

  it('names it after some seconds of silence, and continues', async () => {
    jest.useFakeTimers();
    const ran = orNextWay('abort', target(), () => new Promise((done) => setTimeout(() => done(0), 60_000)));
    await jest.advanceTimersByTimeAsync(4_000);
    expect(said.join('')).toContain(line);
    await jest.advanceTimersByTimeAsync(60_000);
    await expect(ran).resolves.toBe(0);
  });

  it.each<[string, CliError]>([
    ['a rule refuses it', new CliError(3, 'Refused')],
    ['it was typed wrongly', new CliError(2, 'Name the environment')],
    ['a worker said that it failed', new CliError(1, 'the way back failed', { answered: true })],
  ])('is an answer when %s', async (_case, failure) => {
    await expect(orNextWay('abort', target(), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(said).toEqual([]);
  });
});

describe('silence', () => {
  it.each([
    [
      '14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 127.0.0.1:7233',
      'connection refused',
    ],
    [
      '4 DEADLINE_EXCEEDED: Deadline exceeded after 5.001s,name resolution: 0.003s,LB pick: 0.001s,remote_addr=10.0.0.1:7233',
      'no answer in time',
    ],
    ['Failed to connect before the deadline', 'no answer in time'],
    ['14 UNAVAILABLE: Name resolution failed for target dns:temporal:7233', 'the host name cannot be resolved'],
    [
      'No connection established. Last error: Error: self-signed certificate',
      'TLS failed: check the certificates and TEMPORAL_TLS',
    ],
    ['14 UNAVAILABLE: read ECONNRESET', 'the connection was closed'],
  ])('of %j is reported in words', (text, words) => expect(silence(new Error(text))).toBe(words));
});
