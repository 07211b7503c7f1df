import type { ChangesResult } from '../rules/stacks/deployment';
import type { ChangesInput } from './messages';
import { refusalOf, waysBack } from './stack-ways';
import { comparing } from './stack-proxies';

/** > First, show what will change. Shows it and changes nothing, at any hour. */
export async function changes({ plan, of }: ChangesInput): Promise<ChangesResult> {
  const { aws, infrastructure } = plan;
  if (of === 'deployment') return { stacks: await comparing.changesOfDeploy({ infrastructure, aws }) };
  const { kept, ways } = await waysBack(plan);
  const refusal = refusalOf(ways);
  if (refusal !== undefined) return { stacks: [], refusal };
  return { stacks: kept === undefined ? [] : await comparing.changesOfBack({ aws, kept }) };
}
