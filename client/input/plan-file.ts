import { readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { DeploymentPolicy, EnvironmentPlan, Infrastructure } from '../../rules/plan/environment-plan';
import type { FileText } from '../../rules/plan/file-text';
import { findPlan, type FoundPlan, namedPlan, type PlanFolders } from '../../rules/plan/find-plan';
import { fileText } from '../../rules/plan/file-text';
import type { FlagPlace } from '../../rules/plan/flag-place';
import { unreadableAt } from '../../rules/rollout/unreadable';
import { flagPlaceIn } from '../../rules/plan/flag-place';
import { checkPlan, yamlIn } from '../../rules/plan/plan';
import { planProblems } from '../../rules/plan/problems/problems';
import { environmentPlan } from '../../rules/plan/resolve';
import { withFolders as withCheckFolders } from '../../rules/checks/check';
import { withFiles } from '../../rules/verification/files';
import { CliError } from '../terminal/cli-error';
import { ROOT } from '../installed';
import type { CommonOptions } from '../options';
import { warn } from '../terminal/output';
import { sandboxApi } from './sandbox-state';

/** The checked plan of one environment and the path of its file, for display. */
export interface Planned {
  readonly plan: EnvironmentPlan;
  readonly file: string;
}

/** The plan that the options name, else the sandbox's own, else the one found from the current folder. */
function placeOf({ plan, sandbox }: CommonOptions, read: (path: string) => FileText): FoundPlan {
  const folders: PlanFolders = {
    above: dirname,
    resolve,
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
    read: (path) => read(path).text,
  };
  if (plan !== undefined) return namedPlan(resolve(plan), folders);
  if (sandbox === true) return { ok: true, path: resolve(ROOT, 'plans/sandbox.yaml') };
  return findPlan(process.cwd(), folders);
}

/**
 * The plan file that the options name. It is found, read and checked once, on first use, and warns of its problems once.
 * Each method throws a Failure for wrong usage.
 */
export class PlanFile {
  private found: FoundPlan | undefined;
  private readonly service: string | undefined;
  private readonly texts = new Map<string, FileText>();
  private checked: ReturnType<typeof checkPlan> | undefined;
  private serviceRead: string | undefined;
  private warned = false;
  private readonly plans = new Map<string, EnvironmentPlan>();

  constructor(private readonly options: CommonOptions) {
    this.service = options.service;
  }

  private get path(): string {
    return this.placed();
  }

  private placed(otherwise = ''): string {
    this.found ??= placeOf(this.options, (path) => this.textOf(path));
    if (this.found.ok) return this.found.path;
    throw new CliError(2, `${this.found.why}. What to do: ${this.found.remedy}${otherwise}.`);
  }

  /** For display. */
  private get file(): string {
    return relative(process.cwd(), this.path) || this.path;
  }

  /** The checked plan of one environment. The Failure names every problem of the file. */
  planned(environment: string): Planned {
    const known = this.plans.get(environment) ?? this.resolved(environment);
    this.plans.set(environment, known);
    return { plan: known, file: this.file };
  }

  /** The names of the plan's environments, in its order. */
  environments(): readonly string[] {
    return this.whole().environments.map(({ name }) => name);
  }

  /**
   * Where the flag of an environment is. Works with a broken plan as long as these parts are right; other problems only
   * cause a warning.
   */
  flagPlace(environment: string): FlagPlace {
    try {
      const { plan } = this.planned(environment);
      const { service, aws, flag, delivery } = plan;
      return { service, aws, flag, delivery, unreadableAt: unreadableAt(plan) };
    } catch (error) {
      const place = flagPlaceIn(this.read().text, environment);
      if (place === undefined || !(error instanceof CliError)) throw error;
      warn(`Only the place of the flag is used from this plan. ${error.message}`);
      return place;
    }
  }

  /**
   * The service whose rollout is meant, for verbs that act on a running one. They must work at night with a plan that was
   * just broken, so only the service's name is read from it.
   */
  serviceOf(environment: string | undefined): string {
    if (this.service !== undefined) return this.service;
    this.placed(', or name the service with --service NAME');
    const checked = this.check();
    if (!checked.ok) return this.looseService(checked.problems);
    this.warnOfEncoding();
    if (environment !== undefined) {
      const resolved = environmentPlan(checked.plan, environment);
      if (!resolved.ok)
        throw bad(this.file, resolved.problems, 'To act on a rollout that is not in the plan, add --service NAME.');
    }
    return checked.plan.service;
  }

  private resolved(environment: string): EnvironmentPlan {
    const resolved = environmentPlan(this.whole(), environment);
    if (!resolved.ok) throw bad(this.file, resolved.problems);
    const plan = fromFolder(resolved.plan, dirname(this.path));
    return this.options.sandbox === true ? inSandbox(plan) : plan;
  }

  /** The whole plan, without problems. */
  private whole(): Plan {
    const { problem } = this.read();
    if (problem !== undefined) throw new CliError(2, `The plan ${this.file} is ${problem}.`);
    const checked = this.check();
    if (!checked.ok) throw bad(this.file, checked.problems);
    return checked.plan;
  }

  private check(): ReturnType<typeof checkPlan> {
    return (this.checked ??= checkPlan(this.read().text));
  }

  private looseService(problems: Problems): string {
    if (this.serviceRead !== undefined) return this.serviceRead;
    this.warnOfEncoding();
    const service = looseService(this.read().text);
    if (service === undefined) throw bad(this.file, problems, 'Or name the service with --service NAME.');
    const words = planProblems(this.file, problems);
    warn(`The plan ${this.file} has problems; only its service name, ${service}, is used:\n${words}`);
    return (this.serviceRead = service);
  }

  private warnOfEncoding(): void {
    const { problem } = this.read();
    if (problem !== undefined && !this.warned) warn(`The plan ${this.file} is ${problem}.`);
    this.warned = true;
  }

  /** Each file is read once, also when it was read to find the plan. */
  private textOf(path: string): FileText {
    const text = this.texts.get(path) ?? fileText(readFileSync(path));
    this.texts.set(path, text);
    return text;
  }

  private read(): FileText {
    const { path } = this;
    try {
      return this.textOf(path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const why = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
      throw new CliError(2, `The plan ${this.file} cannot be read: ${why}. Name another with --plan FILE.`);
    }
  }
}

/** Reads and checks the plan now. Throws a Failure for wrong usage that names every problem of the file. */
export const readPlan = (environment: string, options: CommonOptions): Planned =>
  new PlanFile(options).planned(environment);

type Plan = Extract<ReturnType<typeof checkPlan>, { ok: true }>['plan'];
type Problems = Parameters<typeof planProblems>[1];

function inSandbox(plan: EnvironmentPlan): EnvironmentPlan {
  const apiUrl = plan.verification.apiUrl ?? sandboxApi(plan.environment);
  return apiUrl === undefined ? plan : { ...plan, verification: { ...plan.verification, apiUrl } };
}

/** Paths in a plan are relative to the plan file's folder. */
function fromFolder(plan: EnvironmentPlan, folder: string): EnvironmentPlan {
  const { infrastructure } = plan;
  const verification = withFiles(plan.verification, (file) => resolve(folder, file));
  const found = (written: Infrastructure): Infrastructure => ({
    ...written,
    directory: resolve(folder, written.directory),
  });
  return {
    ...plan,
    infrastructure: infrastructure && found(infrastructure),
    verification,
    checks: plan.checks && withCheckFolders(plan.checks, (written) => resolve(folder, written)),
    deployment: plan.deployment && withFolders(plan.deployment, found),
  };
}

function withFolders(deployment: DeploymentPolicy, found: (written: Infrastructure) => Infrastructure) {
  const nextEnvironments = deployment.nextEnvironments.map((one) => ({
    ...one,
    infrastructure: found(one.infrastructure),
  }));
  return { ...deployment, nextEnvironments };
}

function bad(file: string, problems: Problems, more?: string): CliError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const text = `The plan ${file} has ${count}:\n${planProblems(file, problems)}`;
  return new CliError(2, more === undefined ? text : `${text}\n${more}`, { problems });
}

function looseService(text: string): string | undefined {
  const value = yamlIn(text);
  const service =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['service'] : undefined;
  return typeof service === 'string' && service !== '' ? service : undefined;
}
