import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { checkPlan } from '../../rules/plan/plan';
import { PLAN_FILE } from '../../rules/plan/find-plan';
import { newPlan, type NewPlan, NO_ACCOUNT } from '../../rules/plan/new-plan';
import { ENV } from '../../rules/plan/names';
import { planProblems } from '../../rules/plan/problems/problems';
import { constructText } from '../../rules/plan/construct-text';
import { workerPolicy } from '../../rules/plan/worker-policy';
import { PlanFile } from '../input/plan-file';
import { Questions } from '../input/questions';
import { ROOT } from '../installed';
import { type CommonOptions, commandLine } from '../options';
import { defineVerb } from '../program/verb';
import { CliError, type ExitCode } from '../terminal/cli-error';
import { hintsFor } from '../terminal/hints';
import { say } from '../terminal/output';
import type { Target } from '../target';
import type * as initAlarms from './init-alarms';
import { planAnswer } from './plan';

interface InitOptions extends CommonOptions {
  readonly env?: readonly string[];
  readonly account?: string;
  readonly region?: string;
  readonly awsProfile?: string;
  readonly parameter?: string;
  readonly alarm?: readonly string[];
  readonly fromAlarms?: string;
  readonly fromStack?: string;
  /** Take the defaults for everything that no option says. */
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** An option may be repeated, and may hold several values separated by commas. */
const several = (text: string, before: unknown): readonly string[] => [
  ...(Array.isArray(before) ? (before as readonly string[]) : []),
  ...listOf(text),
];
const repeated = (text: string, before: unknown): readonly string[] => [
  ...(Array.isArray(before) ? (before as readonly string[]) : []),
  text,
];

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

export const verb = defineVerb<InitOptions>({
  name: 'init',
  group: 'Deploy',
  summary: 'writes rollout.yaml, the plan of a service, in the current folder, and shows its calendar',
  examples: [
    ['rollout init', 'asks for service, environments, account, alarms'],
    ['rollout init --service shop --env prod --yes', 'asks nothing'],
  ],
  options: [
    { flags: '--env <name>', summary: 'an environment; repeat it, or separate names by commas', parse: several },
    { flags: '--account <id>', summary: 'AWS account, 12 digits' },
    { flags: '--region <name>', summary: 'AWS region (default: $AWS_REGION, else us-east-1)' },
    { flags: '--aws-profile <name>', summary: 'profile of the AWS configuration files' },
    { flags: '--parameter <name>', summary: 'SSM parameter of the flag (default: /SERVICE/{env}/rollout)' },
    {
      flags: '--alarm <name>',
      summary: 'a CloudWatch alarm that returns the traffic to 0 %; repeat it',
      parse: repeated,
    },
    { flags: '--from-alarms <prefix>', summary: 'take the alarms whose names begin so, read from AWS' },
    { flags: '--from-stack <name>', summary: 'take the alarms of this CloudFormation stack, read from AWS' },
    { flags: '--yes', summary: 'ask nothing: defaults for what no option says' },
    { flags: '--force', summary: 'overwrite an existing file' },
  ],
  handler: init,
});

/** Writes a plan that `checkPlan` accepts, never over an existing file unless forced, and shows what comes next. */
async function init(_target: Target, options: InitOptions): Promise<ExitCode> {
  const file = options.plan ?? PLAN_FILE;
  const answers = await answered(options);
  const text = newPlan(answers);
  const checked = checkPlan(text);
  if (!checked.ok)
    throw new CliError(2, `These answers make no plan:\n${planProblems(file, checked.problems)}`, {
      problems: checked.problems,
    });
  written(file, text, options.force === true);
  const environment = answers.environments.at(-1) ?? '';
  const next: CommonOptions = { plan: options.plan, profile: options.profile };
  hintsFor(environment, next);
  const planned = new PlanFile({ plan: file }).planned(environment);
  const calendar = planAnswer(planned, next);
  const policy = workerPolicy(planned.plan);
  const construct = constructText(planned.plan);
  const notes = notesOn(answers, file);
  say(options, 'init', {
    text: [
      `${file} is written: ${answers.service}, ${answers.environments.join(', ')}.`,
      ...notes,
      '',
      calendar.text,
      '',
      `The IAM policy of a worker that rolls ${environment} out (docs/operating.md, "AWS rights", has the rest):`,
      JSON.stringify(policy, undefined, 2),
      '',
      `Or as CDK constructs, with flag, alarm push and guardian of ${environment} (docs/production.md):`,
      construct,
      '',
      'Next, with a worker running (`npm run worker`):',
      `  ${commandLine('setup', environment, next)}    creates flag, alarm push and guardian in AWS`,
      `  ${commandLine('doctor', environment, next)}   checks everything that a rollout needs`,
    ].join('\n'),
    json: { file: resolve(file), ...answers, notes, calendar: calendar.json, policy, construct },
  });
  return 0;
}

function written(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it exists already' : message;
    const remedy =
      code === 'EEXIST'
        ? 'Add --force to overwrite it, or --plan FILE to write another file'
        : 'Name another with --plan FILE';
    throw new CliError(2, `${file} is not written: ${why}. ${remedy}.`);
  }
}

/** What the operator should replace. */
function notesOn({ aws, alarms, service }: NewPlan, file: string): readonly string[] {
  const account = `Replace the account ${NO_ACCOUNT} in ${file}: no --account was given.`;
  const alarm = `Replace the alarm ${alarmOf(service)} in ${file} by your own, or create it: no --alarm was given.`;
  return [
    ...(aws.account === NO_ACCOUNT ? [account] : []),
    ...(alarms.length === 1 && alarms[0] === alarmOf(service) ? [alarm] : []),
  ];
}

const alarmOf = (service: string): string => `${service}-5xx-${ENV}`;

/** By options, else by the operator, else by default. */
async function answered(options: InitOptions): Promise<NewPlan> {
  const questions = options.yes === true ? undefined : new Questions();
  const ask = async (given: string | undefined, question: string, standard: string): Promise<string> =>
    given ?? (questions === undefined ? standard : await questions.ask(question, standard));
  try {
    const service = await ask(options.service, 'Service', serviceHere());
    const environments =
      options.env ?? listOf(await ask(undefined, 'Environments, the last one is production', 'prod'));
    const region = await ask(options.region, 'AWS region', regionHere());
    const found = await alarmsInAws(options, region);
    const account = await ask(options.account ?? found?.account, 'AWS account, 12 digits', NO_ACCOUNT);
    const parameter = await ask(options.parameter, 'SSM parameter of the flag', `/${service}/${ENV}/rollout`);
    const named = [...(options.alarm ?? []), ...(found?.alarms ?? [])];
    const alarms =
      named.length > 0
        ? named
        : listOf(await ask(undefined, 'CloudWatch alarms that return it to 0 %', alarmOf(service)));
    const aws = { account, region, profile: options.awsProfile };
    return { service, environments, aws, parameter, alarms, schema: schemaAddress() };
  } finally {
    questions?.close();
  }
}

async function alarmsInAws({ fromAlarms, fromStack, awsProfile }: InitOptions, region: string) {
  if (fromAlarms !== undefined && fromStack !== undefined)
    throw new CliError(2, 'Use either --from-alarms PREFIX or --from-stack NAME.');
  if (fromAlarms === undefined && fromStack === undefined) return undefined;
  const { alarmsOf } = require('./init-alarms') as typeof initAlarms;
  const source = fromStack === undefined ? { prefix: fromAlarms ?? '' } : { stack: fromStack };
  return alarmsOf({ region, profile: awsProfile }, source);
}

const regionHere = (): string => process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';

/** The name of the folder, as a service may be called. */
function serviceHere(): string {
  const words = basename(resolve('.'))
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const name = words.join('-').replace(/^[^a-z]+/, '');
  return name === '' ? 'service' : name;
}

function schemaAddress(): string {
  const { name, version } = require(resolve(ROOT, 'package.json')) as { name: string; version: string };
  return `https://unpkg.com/${name}@${version}/plans/plan.schema.json`;
}
