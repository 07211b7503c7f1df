import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import type { DeploymentPolicy, EnvironmentPlan, Infrastructure } from '../../rules/plan/environment-plan';
import type { FileText } from '../../rules/plan/file-text';
import { fileText } from '../../rules/plan/file-text';
import type { FlagPlace } from '../../rules/plan/flag-place';
import { unreadableAt } from '../../rules/rollout/unreadable';
import { flagPlaceIn } from '../../rules/plan/flag-place';
import { checkPlan, YAML } from '../../rules/plan/plan';
import { planProblems } from '../../rules/plan/problems/problems';
import { environmentPlan } from '../../rules/plan/resolve';
import { withFiles } from '../../rules/verification/files';
import { Failure } from '../terminal/failure';
import type { CommonOptions } from '../options';
import { warn } from '../terminal/output';
import { PROJECT_ROOT, sandboxApi } from './sandbox-state';

/** The checked plan of one environment. Throws a Failure for wrong usage that names every problem of the file. */
export function readPlan(
  environment: string,
  options: CommonOptions,
): { readonly plan: EnvironmentPlan; readonly file: string } {
  const { path, file } = fileOf(options);
  const checked = checkPlan(planText(path, file));
  if (!checked.ok) throw bad(file, checked.problems);
  const resolved = environmentPlan(checked.plan, environment);
  if (!resolved.ok) throw bad(file, resolved.problems);
  const plan = fromFolder(resolved.plan, dirname(path));
  return { plan: options.sandbox === true ? inSandbox(plan) : plan, file };
}

function inSandbox(plan: EnvironmentPlan): EnvironmentPlan {
  const apiUrl = plan.verification.apiUrl ?? sandboxApi(plan.environment);
  return apiUrl === undefined ? plan : { ...plan, verification: { ...plan.verification, apiUrl } };
}

/**
 * Where the flag of an environment is. For what must work with a plan that somebody has just broken: as long as these parts
 * are right, the rest is only told.
 */
export function flagPlaceOf(environment: string, options: CommonOptions): FlagPlace {
  try {
    const { plan } = readPlan(environment, options);
    const { service, aws, flag, delivery } = plan;
    return { service, aws, flag, delivery, unreadableAt: unreadableAt(plan) };
  } catch (error) {
    const { path, file } = fileOf(options);
    const place = flagPlaceIn(readText(path, file).text, environment);
    if (place === undefined || !(error instanceof Failure)) throw error;
    warn(`Only where the flag is was taken from it. ${error.message}`);
    return place;
  }
}

/** The names of the environments of a plan, in its order. Throws a Failure as `readPlan` does. */
export function environmentsOf(options: CommonOptions): readonly string[] {
  const { path, file } = fileOf(options);
  const checked = checkPlan(planText(path, file));
  if (!checked.ok) throw bad(file, checked.problems);
  return checked.plan.environments.map(({ name }) => name);
}

/** Paths in a plan are meant from the plan file's own folder. */
function fromFolder(plan: EnvironmentPlan, folder: string): EnvironmentPlan {
  const { infrastructure } = plan;
  const verification = withFiles(plan.verification, (file) => resolve(folder, file));
  const found = (written: Infrastructure): Infrastructure => ({
    ...written,
    directory: resolve(folder, written.directory),
  });
  return {
    ...plan,
    infrastructure: found(infrastructure),
    verification,
    deployment: plan.deployment && withFolders(plan.deployment, found),
  };
}

function withFolders(deployment: DeploymentPolicy, found: (written: Infrastructure) => Infrastructure) {
  const followers = deployment.followers.map((one) => ({ ...one, infrastructure: found(one.infrastructure) }));
  return { ...deployment, followers };
}

/**
 * The service whose rollout is meant, for the verbs that act on a running one. They must work at night with a plan
 * somebody has just broken, so nothing is asked of the file but the service's name.
 */
export function serviceOf(environment: string | undefined, options: CommonOptions): string {
  if (options.service !== undefined) return options.service;
  const { path, file } = fileOf(options);
  const { text, problem } = readText(path, file);
  if (problem !== undefined) warn(`The plan ${file} is ${problem}.`);
  const checked = checkPlan(text);
  if (checked.ok) {
    if (environment !== undefined) {
      const resolved = environmentPlan(checked.plan, environment);
      if (!resolved.ok)
        throw bad(file, resolved.problems, 'A rollout that no plan names is found with --service NAME.');
    }
    return checked.plan.service;
  }
  const service = looseService(text);
  if (service === undefined) throw bad(file, checked.problems, 'Or name the service yourself with --service NAME.');
  warn(
    `The plan ${file} has problems; only its service name, ${service}, is used:\n${planProblems(file, checked.problems)}`,
  );
  return service;
}

function fileOf(options: CommonOptions): { readonly path: string; readonly file: string } {
  const standard = options.sandbox === true ? 'plans/sandbox.yaml' : 'plans/pavi.yaml';
  const path = options.plan === undefined ? resolve(PROJECT_ROOT, standard) : resolve(options.plan);
  return { path, file: relative(process.cwd(), path) || path };
}

function planText(path: string, file: string): string {
  const { text, problem } = readText(path, file);
  if (problem !== undefined) throw new Failure(2, `The plan ${file} is ${problem}.`);
  return text;
}

function readText(path: string, file: string): FileText {
  try {
    return fileText(readFileSync(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new Failure(2, `The plan ${file} cannot be read: ${why}. Name another with --plan FILE.`);
  }
}

function bad(file: string, problems: Parameters<typeof planProblems>[1], more?: string): Failure {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const text = `The plan ${file} has ${count}:\n${planProblems(file, problems)}`;
  return new Failure(2, more === undefined ? text : `${text}\n${more}`, { problems });
}

function looseService(text: string): string | undefined {
  try {
    const value: unknown = parse(text, { ...YAML, logLevel: 'silent' });
    const service =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['service'] : undefined;
    return typeof service === 'string' && service !== '' ? service : undefined;
  } catch {
    return undefined;
  }
}
