import { WorkflowIdConflictPolicy } from '@temporalio/common';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags } from '../../../flags';
import { PAVI_KEYS } from '../../../pavi/flag';
import { freshAccount } from '../../helpers/aws/accounts';
import { changedPlan, runWith, withoutPush } from '../../helpers/processes/cli';
import { PseudoTerminal } from '../../helpers/processes/pseudo-terminal';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { aPlan } from '../../helpers/samples/plans';

jest.setTimeout(240_000);

const aws = freshAccount();
const plan = changedPlan('watched.yaml', (text) =>
  withoutPush(text).replace(
    "{ account: '333333333333', region: us-east-1, profile: sandbox-prod }",
    `{ account: '${aws.account}', region: us-east-1, profile: ${aws.profile} }`,
  ),
);
const flag = { parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod', format: PAVI_KEYS };

let temporal: TemporalProcess;
const terminals: PseudoTerminal[] = [];

beforeAll(async () => {
  const document = { schema: 1, generation: 4, writer: 'r', reason: '', salt: flag.salt, percentage: 0 } as const;
  const put = {
    Name: flag.parameter,
    Value: formatFlags(document, PAVI_KEYS),
    Type: 'String',
    Overwrite: true,
  } as const;
  await new SSMClient(aws).send(new PutParameterCommand(put));
  temporal = await TemporalProcess.start();
  await temporal.work(plan);
});

/** Each test has one that runs: another may have aborted its own. */
beforeEach(async () => {
  const client = await temporal.client();
  const logs = { name: 'error-lines', kind: 'logs', group: '/no/such', pattern: 'x', periodMs: 60_000 } as const;
  const watch = {
    intervalMs: 1_000,
    alarms: [],
    guards: [{ ...logs, breach: { above: 3 }, onBreach: 'hold', errorLimit: 1_000 } as const],
  };
  const input = { plan: aPlan({ aws, flag, watch }), startedBy: 'ada' };
  const workflowIdConflictPolicy = WorkflowIdConflictPolicy.USE_EXISTING;
  const order = { taskQueue: 'rollouts', workflowId: 'rollout-pavi-prod', args: [input], workflowIdConflictPolicy };
  await client.workflow.start('rollout', order);
  await client.connection.close();
});

afterAll(async () => {
  for (const terminal of terminals) terminal.kill();
  await temporal?.stop();
});

const env = (): NodeJS.ProcessEnv => ({ ...process.env, TEMPORAL_ADDRESS: temporal.address, TERM: 'xterm-256color' });

function watching(columns: number, rows: number, ...words: readonly string[]): PseudoTerminal {
  const command = ['client/bin/rollout.cjs', 'watch', 'prod', '--plan', plan, ...words];
  const terminal = new PseudoTerminal(command, { columns, rows, env: env() });
  terminals.push(terminal);
  return terminal;
}

const FOOT = 'Ctrl-C ends the watch';

describe('watch in a terminal', () => {
  it('fits 80 × 24, follows the size of the terminal, and gives the screen back', async () => {
    const terminal = watching(80, 24);
    await terminal.untilRows((rows) => rows.some((row) => row.includes('error-lines')));
    expect(terminal.state()).toEqual({ alternate: true, scrolled: false, wrapped: false });
    const rows = terminal.rows();
    expect(rows[0]).toMatch(/^pavi prod: 10 %/);
    expect(rows.join('\n')).toMatch(/\n▓▓░+ 10 % +10 ● → 25 → 50 → 75 → 100\n/);
    expect(rows.join('\n')).toMatch(/\nGuards \(checked .*\)\n… error-lines +inconclusive/);
    expect(rows[23]).toContain(FOOT);

    terminal.resize(46, 9);
    const isWhole = (first = '', last = ''): boolean => first.startsWith('pavi prod: 10 %') && last.includes('Ctrl-C');
    await terminal.untilRows((now) => isWhole(now[0], now[8]));
    expect(terminal.state()).toEqual({ alternate: true, scrolled: false, wrapped: false });

    terminal.resize(120, 30);
    await terminal.untilRows((now) => isWhole(now[0], now[29]));
    terminal.type('\u0003');
    expect(await terminal.end()).toBe(130);
    expect(terminal.state().alternate).toBe(false);
    expect(terminal.all()).toMatch(/pavi prod: 10 %[^]*The watch has ended\. The rollout continues\./);
  });

  it('is lines that stay, when asked for them, and without a terminal', async () => {
    const plain = watching(80, 24, '--plain');
    await plain.untilRows(() => plain.all().includes('Last entries'));
    expect(plain.state().alternate).toBe(false);
    plain.type('\u0003');
    expect(await plain.end()).toBe(130);

    const piped = runWith({ ...env(), NO_COLOR: '' }, 'rollout', ['watch', 'prod', '--plan', plan]);
    const abort = await runWith(env(), 'rollout', ['abort', 'prod', '--plan', plan, '--reason', 'seen enough']);
    expect(abort.stdout.trimEnd().split('\n')).toHaveLength(3);
    const { code, stdout, stderr } = await piped;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^pavi prod: /);
    expect(stdout).toMatch(/pavi prod: ABORTED, at 0 %: seen enough\.\n$/);
    expect(stdout + stderr).not.toContain('\u001b');
  });
});
