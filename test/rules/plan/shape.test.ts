import { pathText, type Path } from '../../../rules/plan/problems/problems';
import { problemAt, problemsAfter } from './broken-plan';

type Row = readonly [what: string, at: Path, to: unknown, problem: RegExp, remedy: RegExp];

const GONE = undefined;
const step = ['steps', 1] as const;
const alarm = ['watch', 'alarms', 0] as const;
const prod = ['environments', 2] as const;
const window = [...prod, 'windows', 0] as const;

const wrongValues: readonly Row[] = [
  ['another version of the format', ['version'], 2, /must be 1/, /write 1/],
  ['no service', ['service'], GONE, /missing/, /step-functions/],
  ['a service with capitals', ['service'], 'Step Functions', /lower-case words/, /step-functions/],
  ['a service that is a number', ['service'], 7, /must be text/, /step-functions/],
  [
    'a parameter without {env}',
    ['flag', 'parameter'],
    '/pavi/rollout',
    /must contain \{env\}/,
    /\/checkout\/\{env\}\//,
  ],
  ['a parameter that is no path', ['flag', 'parameter'], 'pavi-{env}', /full path/, /\/checkout\/\{env\}\//],
  ['a misspelt placeholder', ['flag', 'parameter'], '/pavi/{evn}/rollout', /full path|\{env\}/, /\{env\}/],
  ['a parameter that AWS reserves', ['flag', 'parameter'], '/AWS/{env}/x', /must not begin with aws/, /\/checkout\//],
  ['a salt without {env}', ['flag', 'salt'], 'pavi', /must contain \{env\}/, /checkout-\{env\}/],
  ['steps that are not there', ['steps'], GONE, /missing/, /- \{ percentage: 10, soak: 1d \}/],
  ['no steps', ['steps'], [], /at least one step/, /percentage: 10/],
  ['a step that is only a number', step, 25, /mapping of keys/, /percentage: 10/],
  ['a percentage of 0', [...step, 'percentage'], 0, /must be more than 0/, /10 or 12\.5/],
  ['a negative percentage', [...step, 'percentage'], -5, /must be more than 0/, /10 or 12\.5/],
  ['a percentage over 100', ['steps', 4, 'percentage'], 101, /must be at most 100/, /10 or 12\.5/],
  ['three decimals', [...step, 'percentage'], 25.125, /more than 2 decimals/, /12\.5/],
  ['a percent sign', [...step, 'percentage'], '25%', /must be a number/, /without %/],
  ['a soak without a unit', [...step, 'soak'], '2', /a number and a unit/, /1d or 30m/],
  ['a soak that is a number', [...step, 'soak'], 172800, /must be text/, /1d or 30m/],
  ['a soak in words', [...step, 'soak'], 'two days', /a number and a unit/, /1d or 30m/],
  ['a soak longer than alarm history', [...step, 'soak'], '31d', /from 1s to 30d/, /1d or 30m/],
  ['an interval below a second', ['watch', 'interval'], '0.5s', /from 1s to 1h/, /from 1s to 1h/],
  ['an interval of hours', ['watch', 'interval'], '2h', /from 1s to 1h/, /from 1s to 1h/],
  ['no alarms', ['watch', 'alarms'], [], /at least one alarm/, /onBreach: rollback/],
  ['an alarm without {env}', [...alarm, 'name'], 'pavi-sfn-executions-failed', /must contain \{env\}/, /5xx-\{env\}/],
  ['an alarm with a space behind it', [...alarm, 'name'], 'failed-{env} ', /spaces around/, /5xx-\{env\}/],
  ['a misspelt reaction', [...alarm, 'onBreach'], 'rolback', /must be one of rollback/, /^write rollback$/],
  ['an unknown reaction', [...alarm, 'onBreach'], 'panic', /must be one of/, /rollback, hold or notify/],
  [
    'a queue without {env}',
    ['watch', 'pushQueue'],
    'pavi-alarms',
    /must contain \{env\}/,
    /shop-rollout-alarms-\{env\}/,
  ],
  ['a queue that SQS refuses', ['watch', 'pushQueue'], 'pavi.{env}', /letters, digits/, /shop-rollout-alarms-\{env\}/],
  ['a dashboard without {env}', ['watch', 'dashboard'], 'PAVI', /must contain \{env\}/, /shop-\{env\}/],
  ['a dashboard that CloudWatch refuses', ['watch', 'dashboard'], 'PAVI {env}', /letters, digits/, /shop-\{env\}/],
  ['a stack without {env}', ['infrastructure', 'stacks', 0], 'Pavi', /must contain \{env\}/, /Stack-\{env\}/],
  [
    'a stack that CloudFormation refuses',
    ['infrastructure', 'stacks', 0],
    '1_{env}',
    /begins with a letter/,
    /Stack-\{env\}/,
  ],
  ['no stacks', ['infrastructure', 'stacks'], [], /at least one stack/, /ShopStack-\{env\}/],
  ['no command', ['infrastructure', 'app'], '', /must not be empty/, /infra\/app\.ts/],
  ['no environments', ['environments'], [], /at least one environment/, /name, aws, windows and approvals/],
  ['an environment with capitals', [...prod, 'name'], 'Prod', /lower-case words/, /dev or prod/],
  ['an environment with a long name', [...prod, 'name'], 'p'.repeat(33), /32 characters/, /dev or prod/],
  ['an account of 11 digits', [...prod, 'aws', 'account'], '10022559312', /must be 12 digits/, /in quotes/],
  ['an account without quotes', [...prod, 'aws', 'account'], 100225593120, /must be text/, /in quotes/],
  ['a region that is none', [...prod, 'aws', 'region'], 'us-east', /AWS region/, /us-east-1/],
  ['a profile with spaces', [...prod, 'aws', 'profile'], 'my profile', /spaces/, /remove the key/],
  ['windows that are not there', [...prod, 'windows'], GONE, /missing/, /write anytime/],
  ['windows in words', [...prod, 'windows'], 'business hours', /anytime or a list/, /write anytime, or a list/],
  ['an empty list of windows', [...prod, 'windows'], [], /at least one window/, /write anytime/],
  ['a day in full', [...window, 'days', 0], 'Tuesday', /must be one of Mon/, /^write Tue$/],
  ['a day that is none', [...window, 'days', 0], 'weekday', /must be one of Mon/, /\[Tue, Wed, Thu\]/],
  ['no days', [...window, 'days'], [], /at least one day/, /\[Tue, Wed, Thu\]/],
  ['a clock of 12 hours', [...window, 'to'], '2 PM', /00:00 to 24:00/, /'14:00'/],
  ['an hour of one digit', [...window, 'from'], '9:00', /00:00 to 23:59/, /'10:00'/],
  ['an opening at 24:00', [...window, 'from'], '24:00', /00:00 to 23:59/, /'10:00'/],
  ['negative approvals', [...prod, 'approvals', 'required'], -1, /must not be negative/, /whole number from 0/],
  ['half an approval', [...prod, 'approvals', 'required'], 1.5, /whole number/, /whole number from 0/],
  ['a yes in words', [...prod, 'approvals', 'starterMayApprove'], 'no', /true or false/, /true or false/],
  ['approvals that are not there', [...prod, 'approvals'], GONE, /missing/, /required: 2/],
  [
    'a checklist id with spaces',
    [...prod, 'checklist', 0, 'id'],
    'Team notified',
    /joined by hyphens/,
    /rollback-plan-reviewed/,
  ],
  ['a checklist item without text', [...prod, 'checklist', 0, 'text'], GONE, /missing/, /sentence/],
  ['a health address without a scheme', [...prod, 'verification', 'healthUrl'], 'api/health', /http/, /https:\/\//],
  ['monitoring without a unit', [...prod, 'verification', 'monitor'], '30', /a number and a unit/, /30m/],
];

describe('checkPlan, the value of one key', () => {
  it.each(wrongValues)('refuses %s and says what to write', (_what, ...[at, to, problem, remedy]) => {
    const problems = problemsAfter({ at, to });
    const found = problems.filter((each) => each.path === pathText(at));
    expect(found.map((each) => each.problem)).toContainEqual(expect.stringMatching(problem));
    expect(found.map((each) => each.remedy)).toContainEqual(expect.stringMatching(remedy));
    expect(found.every((each) => (each.value !== undefined) === (to !== GONE))).toBe(true);
  });

  it('finds nothing else wrong than the value that is wrong', () => {
    const alone = wrongValues.filter(([, at, to]) => at[0] !== 'steps' && to !== GONE && !Array.isArray(to));
    const others = alone.flatMap(([, at, to]) => problemsAfter({ at, to }).filter(({ path }) => path !== pathText(at)));
    expect(others).toEqual([]);
  });
});

const unknownKeys: readonly Row[] = [
  ['a misspelt key of the plan', ['sevice'], 'x', /unknown key/, /keys here are version, service, flag/],
  ['a misspelt key of an alarm', [...alarm, 'onbreech'], 'hold', /unknown key/, /keys here are name, onBreach/],
  ['a misspelt optional key', [...prod, 'aws', 'profil'], 'x', /unknown key/, /^write profile$/],
  [
    'a key of another place',
    [...prod, 'interval'],
    '1m',
    /unknown key/,
    /remove it; the allowed keys here are name, purpose/,
  ],
  [
    'a key of a window',
    [...window, 'timezone'],
    'UTC',
    /unknown key/,
    /remove it; the allowed keys here are zone, days/,
  ],
  ['a key named as a part of every object', ['__proto__'], 'x', /unknown key/, /remove it/],
];

describe('checkPlan, an unknown key', () => {
  it.each(unknownKeys)('refuses %s and names the key that was meant', (_what, ...[at, to, problem, remedy]) => {
    expect(problemsAfter({ at, to })).toEqual([problemAt(at, problem, remedy)]);
  });

  it('suggests the right name of a key that is missing because it was misspelt', () => {
    const problems = problemsAfter({ at: ['watch', 'interval'] }, { at: ['watch', 'intervall'], to: '1m' });
    expect(problems.map(({ path, problem, remedy }) => [path, problem, remedy])).toEqual([
      ['watch.interval', 'missing', expect.stringMatching(/1s to 1h/)],
      ['watch.intervall', 'unknown key', 'write interval'],
    ]);
  });
});
