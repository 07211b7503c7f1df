/** Whose commands they are. */
export interface Commanded {
  readonly environment: string;
  /** The percentage of the next raise. */
  readonly next?: number | undefined;
  readonly steps?: readonly { readonly percentage: number }[];
  /** Its verbs need an option to mean the deployment. */
  readonly isDeployment?: boolean | undefined;
}

/** What a verb needs besides its name. TEXT is a word that the program takes, and that people replace. */
const NEEDS: Readonly<Record<string, string>> = {
  'checklist --tick': 'checklist',
  'checklist --deployment --tick': 'checklist --deployment',
  reject: 'reject --reason TEXT',
  'reject --deployment': 'reject --deployment --reason TEXT',
  'abort --undelivered': 'abort --undelivered --reason TEXT',
  'promote --override': 'promote --override --reason TEXT',
  unfreeze: 'unfreeze --reason TEXT',
  extend: 'extend --for 6h',
};

/**
 * The verbs of a wait as the program takes them: `approve --template t1` of prod is typed `rollout approve prod --template t1`.
 * What the program would refuse is left out.
 */
export const commandsOf = (verbs: readonly string[], of: Commanded): readonly string[] =>
  verbs.flatMap((verb) => {
    const needed = needing(verb, of);
    return needed === undefined ? [] : [commandOf(needed, of)];
  });

function commandOf(needed: string, { environment, isDeployment }: Commanded): string {
  const [word = needed, ...options] = needed.split(' ');
  const which = isDeployment === true && word !== 'approve' ? ['--deployment'] : [];
  return ['rollout', word, environment, ...which, ...options].join(' ');
}

function needing(verb: string, { next, steps = [] }: Commanded): string | undefined {
  // The last step cannot be skipped.
  if (verb === 'skip')
    return next === undefined || next === steps.at(-1)?.percentage ? undefined : `skip --percentage ${next}`;
  // An item with a proof, and a hook, need a reason too.
  if (verb.startsWith('checklist --tick ')) return `${verb} --reason TEXT`;
  return NEEDS[verb] ?? verb;
}

/** As people paste it from a message, who have no other program that would complete it. */
export const pasted = (command: string): string => `npx ${command}`;
