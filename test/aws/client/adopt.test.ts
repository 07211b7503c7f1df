import { execFile } from 'node:child_process';
import { checkedAnswer } from '../../helpers/answers';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { freshAccount } from '../../helpers/aws/accounts';
import { DELIVERIES, type DeliveryPlace } from '../../helpers/delivery/deliveries';
import { awsFor, putAlarm } from '../../helpers/samples/looks';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { until } from '../../helpers/until';

jest.setTimeout(480_000);

const ROOT = resolve(__dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/adopt.md'), 'utf8');
const aws = freshAccount();
const { cloudwatch } = awsFor(aws);
const ALARM = 'checkout-5xx-prod';

let temporal: TemporalProcess;
let service: DeliveryPlace;
/** The service's own repository. */
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollout-checkout-'));
  const npx = ['#!/bin/sh', 'program="$1"; shift', `exec node ${ROOT}/client/bin/"$program".cjs "$@" --json`, ''];
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/npx'), npx.join('\n'), { mode: 0o755 });
  [temporal, service] = await Promise.all([TemporalProcess.start(), DELIVERIES['lambda-alias'](aws)]);
});
afterAll(async () => {
  await temporal?.stop();
  await service?.stop();
  rmSync(folder, { recursive: true });
});

const blocks = (language: string): readonly string[] =>
  [...PAGE.matchAll(new RegExp('^```' + language + '\n(.*?)^```$', 'gms'))].map(([, text = '']) => text);

/** As typed in a shell in that repository. */
function typed(line: string) {
  const env = {
    ...{ ...process.env, TEMPORAL_ADDRESS: temporal.address, ROLLOUT_ACTOR: 'ada', NO_COLOR: '1' },
    ...{ PATH: `${folder}/bin${delimiter}${process.env['PATH']}`, AWS_REGION: aws.region, AWS_PROFILE: aws.profile },
  };
  return new Promise<{ readonly code: number; readonly said: Record<string, unknown> }>((done, fail) =>
    execFile('sh', ['-c', line], { cwd: folder, env, encoding: 'utf8' }, (error, stdout, stderr) => {
      try {
        done({ code: error === null ? 0 : Number(error.code), said: checkedAnswer(stdout) });
      } catch (wrong) {
        fail(new Error(`${line}: ${String(wrong)}${stdout}${stderr}`));
      }
    }),
  );
}

const state = (StateValue: 'OK' | 'ALARM') =>
  cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: 'the test says so' }));
const status = async () => (await typed('npx rollout status prod')).said;
const file = (): string => join(folder, 'rollout.yaml');
function edited(edit: (text: string) => string): void {
  const text = readFileSync(file(), 'utf8');
  expect(edit(text)).not.toBe(text);
  writeFileSync(file(), edit(text));
}

/** What is true after a command of the page, and what its reader does before the next one. */
const AFTER: Readonly<Record<string, (said: Readonly<Record<string, unknown>>) => unknown>> = {
  'npx rollout init': (said) => {
    expect(said).toMatchObject({ aws: { account: aws.account }, alarms: [ALARM], notes: [] });
    const [alias = ''] = blocks('yaml');
    edited((text) => text.replace(/^flag:.*\n/m, (line) => line + alias.replaceAll(/^(?=.)/gm, '  ')));
    edited((text) => text.replace('interval: 1m', 'interval: 1s'));
  },
  'npx rollout plan': (said) => expect(JSON.stringify(said)).toContain('"percentage":10'),
  'npx rollout doctor': (said) => {
    const findings = said['findings'] as readonly { readonly subject: string; readonly level: string }[];
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    const subject = 'weights of alias live of Lambda function checkout-prod';
    expect(findings).toContainEqual(expect.objectContaining({ subject, level: 'ok' }));
  },
  'npx start-rollout': async () => {
    await until(async () => (await service.share()) === 10, '10 % of the calls');
    await until(async () => (await status())['percentage'] === 10, '10 %');
  },
  'npx rollout resume': async () => {
    expect(await typed('npx rollout deploy prod')).toMatchObject({ code: 3, said: { rule: 'plan', deployed: false } });
    await state('ALARM');
    await until(async () => (await service.share()) === 0, '0 % of the calls');
    await until(async () => (await status())['phase'] === 'ended', 'the end');
    expect(await status()).toMatchObject({
      outcome: { outcome: 'rolled-back', why: expect.stringContaining(ALARM) as string },
    });
  },
};

// One story in one test: every part builds on the one before.
it('a service without a change of it is taken to its first raise, and back to 0 %, by every command of docs/adopt.md', async () => {
  await putAlarm(aws, ALARM);
  await state('OK');
  const commands = blocks('sh').flatMap((text) => text.trimEnd().split('\n'));
  expect(commands.length).toBeGreaterThan(8);
  for (const line of commands) {
    if (line.startsWith('npm start')) {
      const ran = readFileSync(join(ROOT, 'test/e2e/example.test.ts'), 'utf8');
      expect(ran).toContain(`describe('${line}'`);
    } else if (line.startsWith('ROLLOUT_PLAN=$PWD/rollout.yaml npm ')) await temporal.work(file());
    else {
      const { code, said } = await typed(line);
      expect([line, code, said]).toEqual([line, 0, said]);
      const [, after] = Object.entries(AFTER).find(([words]) => line.startsWith(words)) ?? [];
      await after?.(said);
    }
  }
  expect(await status()).toMatchObject({ percentage: 0, phase: 'ended' });
  expect(await service.share()).toBe(0);
});
