import { planHash } from '../../rules/plan/plan-hash';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { CliError, type ExitCode } from '../terminal/cli-error';
import type { Planned } from '../input/plan-file';
import { say } from '../terminal/output';

export const verb = defineVerb<CommonOptions>({
  name: 'lint',
  argument: '[env]',
  group: 'Inspect',
  summary: 'checks the plan file as a whole and names every problem at once; needs no server',
  examples: [['rollout lint', 'for a commit hook or a pipeline: 2 when the plan is wrong']],
  handler: lint,
});

/** Every environment of the file, or the one named. A wrong plan is a Failure with all problems of all of them. */
async function lint({ environment, planFile, options }: Target): Promise<ExitCode> {
  const names = environment === undefined ? planFile.environments() : [environment];
  const planned: Planned[] = [];
  const failures: CliError[] = [];
  for (const name of names)
    try {
      planned.push(planFile.planned(name));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failures.push(error);
    }
  if (failures.length > 0) throw allOf(failures);
  const environments = planned.map(({ plan }) => ({ environment: plan.environment, planHash: planHash(plan) }));
  const file = planned[0]?.file ?? '';
  say(options, 'lint', { text: `${file} is in order for ${names.join(', ')}.`, json: { file, environments } });
  return 0;
}

function allOf(failures: readonly CliError[]): CliError {
  const messages = [...new Set(failures.map(({ message }) => message))];
  const problems = failures.flatMap(({ facts }) => (Array.isArray(facts['problems']) ? facts['problems'] : []));
  const unique = [...new Map(problems.map((problem: unknown) => [JSON.stringify(problem), problem])).values()];
  return new CliError(2, messages.join('\n'), { problems: unique });
}
