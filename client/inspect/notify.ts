import { NOTICE_KINDS } from '../../rules/notify/notice';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { singleLine } from '../../rules/format';
import { previewOf, previewText } from '../../rules/report/notice-preview';
import { sampleNotices, testNotice } from '../../rules/report/sample-notices';
import { type NoticeInput, type NoticeResult, testNoticeWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { runWorkflow } from '../temporal/run-workflow';
import { CliError, type ExitCode } from '../terminal/cli-error';
import { say } from '../terminal/output';

interface NotifyOptions extends CommandOptions {
  readonly preview?: boolean;
  readonly test?: boolean;
  /** Shows this kind of notice alone. */
  readonly event?: string;
}

export const verb = defineVerb<NotifyOptions>({
  name: 'notify',
  argument: '<env>',
  group: 'Inspect',
  summary: 'shows which channel of the plan gets which notice, and what it says; with --test it sends one to each',
  examples: [
    ['rollout notify prod', 'who hears of what, and in which words?'],
    ['rollout notify prod --event rolled-back --json', 'what do Slack, PagerDuty and webhooks get, byte by byte?'],
    ['rollout notify prod --test', 'do the channels take a message of the worker?'],
  ],
  reason: 'optional',
  options: [
    { flags: '--preview', summary: 'show the notices and send nothing (default)' },
    { flags: '--event <kind>', summary: 'show the notice of one event', choices: NOTICE_KINDS },
    {
      flags: '--test',
      summary: 'send a message that is marked as a test to every channel, from where the worker runs',
    },
  ],
  handler: notify,
});

async function notify(target: Target, options: NotifyOptions): Promise<ExitCode> {
  const { plan, file } = target.planned();
  if (options.test === true && (options.preview === true || options.event !== undefined))
    throw new CliError(
      2,
      'A test sends a message of its own. Write --test alone, or --preview and --event without it.',
    );
  if ((plan.notify ?? []).length === 0)
    throw new CliError(2, `${file} has no channels for ${plan.environment}. Write some under notify.`);
  return options.test === true ? test(target, plan, options) : preview(plan, options);
}

function preview(plan: EnvironmentPlan, options: NotifyOptions): ExitCode {
  const { environment } = plan;
  const all = sampleNotices(plan, Date.now());
  const notices = options.event === undefined ? all : all.filter(({ kind }) => kind === options.event);
  say(options, 'notices', {
    text: notices.map((notice) => previewText(plan, notice)).join('\n\n'),
    json: { environment, notices: notices.map((notice) => ({ ...notice, channels: previewOf(plan, notice) })) },
  });
  return 0;
}

/** The worker gives a test up sooner than a notice. */
const TEST_WITHIN_MS = 60_000;

/** 0 when every channel took it. */
async function test(target: Target, plan: EnvironmentPlan, options: NotifyOptions): Promise<ExitCode> {
  const { service, environment, aws, notify: channels = [] } = plan;
  const notice = testNotice(plan, actor(options.by), Date.now());
  const { told, failed } = await runWorkflow<NoticeInput, NoticeResult>(await target.temporal(), {
    type: 'notice',
    workflowId: testNoticeWorkflowId(service, environment),
    input: { aws, channels, notice },
    withinMs: TEST_WITHIN_MS,
    summary: notice.title,
  });
  const lines = [
    ...told.map((name) => `${name} took it.`),
    ...failed.map(({ channel, why }) => `${channel} did NOT take it: ${singleLine(why)}.`),
  ];
  say(options, 'notices-sent', { text: lines.join('\n'), json: { environment, told, failed } });
  return failed.length === 0 ? 0 : 1;
}
