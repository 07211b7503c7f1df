import { isDeployable, nothingToDeploy } from '../../rules/deployment/deployable';
import type { ChangesResult, StackChanges } from '../../rules/stacks/results';
import type { ChangesInput } from '../messages';
import { missingBefore, synthesisOf } from './gates';
import { refusalOf, waysBack } from '../infra-rollback/rollback-paths';
import { comparing } from '../infra-rollback/proxies';

/** > First, show what will change. Shows it and changes nothing, at any hour. */
export async function changes({ plan, of }: ChangesInput): Promise<ChangesResult> {
  if (!isDeployable(plan)) return { stacks: [], refusal: nothingToDeploy(plan) };
  if (of === 'deployment') {
    const { template, revision, changes: stacks, mutableImages, notes } = await synthesisOf(plan, []);
    const refusal = await missingBefore(plan, template);
    const images = mutableImages.map(
      (image) => `an image named by a tag, which may later name another image: ${image}`,
    );
    return {
      ...{ stacks, template, notes: [...notes, ...images, ...notesOf(stacks)] },
      revision,
      wouldBeRefused: refusal,
    };
  }
  const { kept, ways } = await waysBack(plan);
  const refusal = refusalOf(ways);
  if (refusal !== undefined) return { stacks: [], refusal };
  if (kept === undefined) return { stacks: [] };
  const stacks = await comparing.changesOfBack({ aws: plan.aws, kept });
  const notes = [...(await comparing.movedImagesOf({ aws: plan.aws, kept })), ...notesOf(stacks)];
  return { stacks, ...(notes.length === 0 ? {} : { notes }) };
}

const notesOf = (stacks: readonly StackChanges[]): readonly string[] =>
  stacks.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}`]));
