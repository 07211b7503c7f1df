import { ENV } from './names';

/** What `rollout init` asks for. */
export interface NewPlan {
  readonly service: string;
  /** The first one is rolled out first. */
  readonly environments: readonly string[];
  /** Of every environment. */
  readonly aws: { readonly account: string; readonly region: string; readonly profile?: string };
  /** Of the flag, with or without `{env}` for the environment's name. */
  readonly parameter: string;
  readonly alarms: readonly string[];
  /** Address of the JSON schema, for editors. */
  readonly schema: string;
}

/** No account of AWS: `rollout doctor` reports it until it is replaced. */
export const NO_ACCOUNT = '000000000000';

const STEPS = [10, 25, 50, 75, 100];

/** The text of a plan file with a comment for each key. Whether the values are right is for `checkPlan` to say. */
export function newPlan(written: NewPlan): string {
  const { service, environments, parameter, schema } = written;
  const names = [...new Set(written.alarms.map((name) => withPlaceholder(name, environments)))];
  const isShared = names.every((name) => name.includes(ENV));
  return [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    `# The rollout plan of ${oneLine(service)}. ${ENV} becomes the name of the environment. docs/plan.md describes every key.`,
    'version: 1 # of the plan format',
    `service: ${quoted(service)} # part of the id of every rollout`,
    '',
    'flag: # where the percentage is written',
    `  parameter: ${quoted(withPlaceholder(parameter, environments))} # SSM parameter that the service reads; \`rollout setup\` creates it`,
    `  salt: ${quoted(`${service}-${ENV}`)} # mixed into the choice of jobs or users; another salt chooses others`,
    '',
    'steps: # percentages, each with the shortest time it is held; at 100 % it is still watched for that time',
    ...STEPS.map((percentage) => `  - { percentage: ${percentage}, soak: 1d }`),
    '',
    'watch: # what prevents a raise or returns the traffic to 0 %',
    '  interval: 1m # time between two checks of the alarms',
    `  pushQueue: ${quoted(`${service}-rollout-alarms-${ENV}`)} # SQS queue that brings alarms within seconds; \`rollout setup\` creates it`,
    ...(isShared
      ? ['  alarms: # CloudWatch alarms. rollback: 0 % at once; hold: no raise; notify: only a notice']
      : []),
    ...(isShared ? names.map((name) => alarmLine(name, '    ')) : []),
    '',
    'environments: # each has its own rollout',
    ...environments.flatMap((name) => environmentLines(name, written, isShared ? [] : names)),
    '',
  ].join('\n');
}

function environmentLines(name: string, { aws }: NewPlan, alarms: readonly string[]): readonly string[] {
  const { account, region, profile } = aws;
  const as = profile === undefined ? '' : `, profile: ${quoted(profile)}`;
  const own = [
    '    watch:',
    '      alarms: # CloudWatch alarms. rollback: 0 % at once; hold: no raise; notify: only a notice',
  ];
  return [
    `  - name: ${quoted(name)}`,
    `    aws: { account: ${quoted(account)}, region: ${quoted(region)}${as} } # where flag and alarms are`,
    "    windows: anytime # when it may raise; or a list: [{ zone: Europe/Paris, days: [Tue, Wed], from: '10:00', to: '16:00' }]",
    '    approvals: { required: 0, starterMayApprove: true } # number of people who approve the first raise',
    ...(alarms.length === 0 ? [] : [...own, ...alarms.map((one) => alarmLine(one.replaceAll(ENV, name), '        '))]),
  ];
}

const alarmLine = (name: string, indent: string): string => `${indent}- { name: ${quoted(name)}, onBreach: rollback }`;

/** `checkout-5xx-prod` is `checkout-5xx-{env}` where prod is an environment; only whole words are replaced. */
export function withPlaceholder(text: string, environments: readonly string[]): string {
  if (text.includes(ENV)) return text;
  const longestFirst = environments.filter((name) => name !== '').toSorted((a, b) => b.length - a.length);
  const found = longestFirst.find((name) => wordOf(name).test(text));
  return found === undefined ? text : text.replace(wordOf(found), ENV);
}

const wordOf = (name: string): RegExp =>
  new RegExp(`(?<![A-Za-z0-9])${name.replaceAll(/[^A-Za-z0-9]/g, '\\$&')}(?![A-Za-z0-9])`, 'g');

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

/** A word as YAML reads it as text; anything else in single quotes, in which only the quote itself has a meaning. */
function quoted(text: string): string {
  const line = oneLine(text);
  const isPlain = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(line) && !/^(?:true|false|null|yes|no|on|off|y|n)$/.test(line);
  return isPlain ? line : `'${line.replaceAll("'", "''")}'`;
}
