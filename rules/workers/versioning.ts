/** By which name and build Temporal knows the workers of this package, and whether it gives each build work of its own. */
export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/** Constant, because one task queue follows one deployment: the package's name. */
const DEPLOYMENT = 'rollout-orchestrator';

export interface VersioningVariables {
  readonly ROLLOUT_WORKER_VERSIONING?: string;
  readonly ROLLOUT_WORKER_DEPLOYMENT?: string;
  readonly ROLLOUT_WORKER_BUILD?: string;
}

export interface Versioning {
  /** False: every worker gets every task, whatever its build. */
  readonly on: boolean;
  readonly deploymentName: string;
  /** Undefined: the worker's own, of version and workflow code. */
  readonly buildId?: string;
}

const WORDS: Readonly<Record<string, boolean>> = { on: true, off: false };

/** @throws with every problem at once. */
export function versioningOf(env: VersioningVariables): Versioning {
  const word = given(env.ROLLOUT_WORKER_VERSIONING) ?? 'off';
  const deploymentName = given(env.ROLLOUT_WORKER_DEPLOYMENT) ?? DEPLOYMENT;
  const buildId = given(env.ROLLOUT_WORKER_BUILD);
  const on = WORDS[word];
  const problems = [
    ...(on === undefined ? [`ROLLOUT_WORKER_VERSIONING is "${word}": write on or off`] : []),
    ...nameProblems('ROLLOUT_WORKER_DEPLOYMENT', deploymentName),
    ...(buildId === undefined ? [] : nameProblems('ROLLOUT_WORKER_BUILD', buildId, '.')),
  ];
  if (problems.length > 0)
    throw new Error(`The worker does not start:\n${problems.map((one) => `- ${one}`).join('\n')}`);
  return { on: on === true, deploymentName, buildId };
}

const given = (text: string | undefined): string | undefined => (text?.trim() ? text.trim() : undefined);

/** Temporal separates both by a dot or a colon, and keeps names with two underscores for itself. */
function nameProblems(variable: string, name: string, also = ''): readonly string[] {
  const fits = /^[\w.-]{1,100}$/.test(name) && (also === '.' || !name.includes('.')) && !name.startsWith('__');
  const allowed = `letters, digits, ${also === '.' ? 'dots, ' : ''}dashes and underscores`;
  return fits ? [] : [`${variable} is "${name}": write up to 100 ${allowed}, not beginning with two underscores`];
}

/** Two packages with the same workflow code are one build: to move between them changes nothing for what runs. */
export const buildIdOf = (packageVersion: string, codeHash: string): string =>
  `${packageVersion.replaceAll(/[^\w.-]/g, '-')}-${codeHash.slice(0, 10)}`;
