import { messageOf } from '../../activities/break-glass';
import type { CommonOptions } from '../options';
import { sidesOf } from '../../rules/plan/environment-plan';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import type { ExitCode } from '../terminal/cli-error';
import { CliError } from '../terminal/cli-error';
import { say } from '../terminal/output';
import { checkAccount, wayTo } from './break-glass';
import { describeFlag } from './break-glass-words';

export const verb = defineVerb<CommonOptions>({
  name: 'flags get',
  argument: '<env>',
  group: 'Inspect',
  summary: 'shows the flag document, its writer and its time, with AWS alone, without Temporal',
  examples: [['rollout flags get prod', 'what does the flag say?']],
  handler: flagsGet,
});

async function flagsGet(target: Target, options: CommonOptions): Promise<ExitCode> {
  const { named: environment } = target;
  const way = wayTo(target, environment);
  const { parameter } = way.flag;
  const found = await way.glass.read().catch((error: unknown) => {
    throw new CliError(1, `The flag of ${environment} cannot be read: ${messageOf(error)}.`);
  });
  if (found === undefined)
    throw new CliError(1, `Parameter ${parameter} does not exist in the account and region of the credentials.`);
  checkAccount(way, found.account);
  const { document, raw, percentage, why, version, modifiedAtMs, contradiction } = found;
  const about = { verb: 'flags get' as const, environment, parameter, version, modifiedAtMs };
  if (document === undefined)
    throw new CliError(1, `Parameter ${parameter} is not a flag document: ${why}.`, { ...about, why });
  const json = { ...about, percentage, document: raw, contradiction };
  say(options, 'flag', { text: describeFlag(`${way.service} ${environment}`, found, sidesOf(way.flag)), json });
  return 0;
}
