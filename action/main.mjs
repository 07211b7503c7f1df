// The one step of the action: Node runs it as it is, on a runner that has nothing of this repository but this folder.
import { appendFileSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { commentOn } from './comment.mjs';
import { run } from './program.mjs';
import { commentText, failureWords, summaryText } from './texts.mjs';

const STEPS = ['plan', 'deploy', 'start', 'wait'];
const {
  ROLLOUT_ENVIRONMENT: environment = '',
  ROLLOUT_DO: wanted = 'plan',
  ROLLOUT_PLAN_FILE: plan = '',
  ROLLOUT_UNTIL: until = 'completed',
  ROLLOUT_TIMEOUT: timeout = '30m',
  ROLLOUT_DIFF: diff = 'true',
  ROLLOUT_COMMENT: comment = 'true',
} = process.env;

const target = [environment, ...(plan === '' ? [] : ['--plan', plan])];
/** What AWS and people have written is shown as text: no line break or colon of it becomes a command of GitHub. */
const say = (kind, text) =>
  console.log(`::${kind}::${text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}`);

function inputProblems() {
  const steps = stepsOf(wanted);
  const wrong = steps.filter((step) => !STEPS.includes(step));
  const order = steps.map((step) => STEPS.indexOf(step));
  return [
    ...(environment === '' ? ['environment is empty: name one of the plan'] : []),
    ...(environment.startsWith('-') ? [`environment is ${environment}: a name does not begin with -`] : []),
    ...(wrong.length > 0 ? [`do has ${wrong.join(', ')}: write ${STEPS.join(', ')}`] : []),
    ...(steps.length === 0 ? [`do is empty: write ${STEPS.join(', ')}`] : []),
    ...(order.some((one, index) => one <= (order[index - 1] ?? -1))
      ? [`do is ${wanted}: keep the order ${STEPS}`]
      : []),
    ...['diff', 'comment'].flatMap((name) => {
      const value = name === 'diff' ? diff : comment;
      return ['true', 'false'].includes(value) ? [] : [`${name} is ${value}: write true or false`];
    }),
  ];
}

const stepsOf = (text) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** The commit and the run, which the log of a rollout then names. */
function reasonOf() {
  const { ROLLOUT_REASON = '', GITHUB_SHA = '', GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env;
  if (ROLLOUT_REASON !== '') return ROLLOUT_REASON;
  return `commit ${GITHUB_SHA.slice(0, 12)}, ${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}

const doing = {
  async plan() {
    const calendar = await run(['plan', ...target]);
    const changes = diff === 'true' && calendar.code === 0 ? await run(['deploy', ...target, '--diff']) : undefined;
    const text = commentText({ environment, calendar, changes });
    summarise(text);
    if (comment === 'true') await commented(text);
    // Exit code 3: a plan whose rules refuse a start just now is a plan all the same.
    return [calendar, changes].find((ran) => ran !== undefined && ran.code !== 0 && ran.code !== 3) ?? calendar;
  },
  deploy: () => run(['deploy', ...target, '--reason', reasonOf()]),
  start: () => run(['start', ...target, '--reason', reasonOf()]),
  wait: () => run(['status', ...target, '--until', until, '--timeout', timeout]),
};

async function commented(text) {
  const event = JSON.parse(readFileSync(process.env.GITHUB_EVENT_PATH, 'utf8'));
  const number = event.pull_request?.number;
  if (number === undefined) return;
  try {
    await commentOn({ number, text, mark: `<!-- rollout ${environment} -->` });
  } catch (error) {
    // The token of a fork's pull request may not write: the summary has the same.
    say('warning', `The pull request has no comment: ${error.message}. The job's summary has the same text.`);
  }
}

/** The page as Markdown with the picture, whether or not the steps before were done. */
async function reported() {
  const [text, facts] = [await run(['report', ...target]), await run(['report', ...target, '--json'])];
  const report = facts.code === 0 ? JSON.parse(facts.stdout) : {};
  summarise(summaryText({ text, report }));
  output('outcome', report.outcome?.outcome ?? '');
  output('percentage', report.percentage ?? '');
}

const summarise = (text) => appendFileSync(process.env.GITHUB_STEP_SUMMARY, `${text}\n\n`);

function output(name, value) {
  const end = randomUUID();
  appendFileSync(process.env.GITHUB_OUTPUT, `${name}<<${end}\n${value}\n${end}\n`);
}

async function main() {
  const problems = inputProblems();
  problems.forEach((problem) => say('error', problem));
  if (problems.length > 0) return 2;
  const steps = stepsOf(wanted);
  let code = 0;
  for (const step of steps) {
    const ran = await doing[step]();
    if (ran.code === 0 || (step === 'plan' && ran.code === 3)) continue;
    say('error', failureWords(step, ran));
    code = ran.code;
    break;
  }
  if (steps.includes('start') || steps.includes('wait')) await reported();
  return code;
}

process.exitCode = await main();
