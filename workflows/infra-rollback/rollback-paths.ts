import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { KeptDeployment } from '../../rules/stacks/kept';
import type { Refusal } from '../../rules/refusal';
import type { StackLook, WayBack } from '../../rules/stacks/way-back';
import { wayBack } from '../../rules/stacks/way-back';
import { looking } from './proxies';

export interface StackWay {
  readonly stack: StackLook;
  readonly way: WayBack;
}

/** How each stack goes back, the one deployed last first, and what is kept of the last deployment. */
export async function waysBack(
  plan: EnvironmentPlan,
  backAlready: ReadonlySet<string> = new Set(),
): Promise<{ readonly kept?: KeptDeployment; readonly ways: readonly StackWay[] }> {
  const { aws, service, environment, infrastructure } = plan;
  const kept = (await looking.readKept({ aws, service, environment })).at(-1);
  const stacks = await looking.lookAtStacks({ aws, stacks: [...(infrastructure?.stacks ?? [])].reverse() });
  const ways = stacks.map((stack) => ({
    stack,
    way: wayBack(
      stack,
      kept?.stacks.find(({ name }) => name === stack.name),
      backAlready.has(stack.name),
    ),
  }));
  return { kept, ways };
}

export function refusalOf(ways: readonly StackWay[]): Refusal | undefined {
  for (const { way } of ways) if (way.do === 'refuse') return { rule: 'state', why: way.why, remedy: way.remedy };
  return undefined;
}
