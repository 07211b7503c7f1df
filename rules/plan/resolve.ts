import { keysIn } from '../../flags/format';
import { resolvedAudit } from '../audit/plan-key';
import { resolvedPermissions } from '../identity/plan-key';
import { durationMs } from './duration';
import type { Channel } from '../notify/notice';
import type { DiagnosisPlaces, EnvironmentPlan, Infrastructure, Step, Verification } from './environment-plan';
import { nearestName } from './problems/nearest-name';
import { freezeParameterOf, withEnvironment } from './names';
import type { Problem } from './problems/problems';
import type { Plan } from './schema';
import { verificationLimits } from '../verification/limits';
import { resolvedApprovals, resolvedChecklist } from './keys/approvals';
import { resolvedChecks } from './keys/checks';
import { resolvedDelivery } from './keys/delivery';
import { resolvedFlag } from './keys/flag';
import { resolvedDeployment } from './keys/deployment';
import { resolvedJobs } from './keys/jobs';
import type { JobsApi } from '../jobs/jobs-api';
import { resolvedHooks, resolvedProbe } from './keys/probe';
import { resolvedFreezes, resolvedLimits, resolvedWindow } from './keys/times';
import { resolvedWatch } from './keys/watch';
import { replaced } from './names';
import { withoutUndefined } from './without-undefined';

export type ResolvedPlan =
  { readonly ok: true; readonly plan: EnvironmentPlan } | { readonly ok: false; readonly problems: readonly Problem[] };

type Environment = Plan['environments'][number];

/**
 * The plan of one environment: `{env}` replaced in every text, the environment's own `steps` and keys of `watch` in
 * place of the plan's, durations in milliseconds. `infrastructure.directory` and the files of `verification` stay as
 * written: the caller resolves them against the folder of the plan file. `plan` must come from `checkPlan`.
 */
export function environmentPlan(plan: Plan, environment: string): ResolvedPlan {
  const found = plan.environments.find(({ name }) => name === environment);
  if (found === undefined) return { ok: false, problems: [unknownEnvironment(plan, environment)] };
  const { flag, infrastructure, service, ...shared } = replaced(plan, environment);
  const own = replaced(found, environment);
  const target = resolvedFlag(flag);
  const jobs = resolvedJobs(shared.jobs, target);
  return {
    ok: true,
    plan: {
      service,
      environment,
      aws: withoutUndefined(own.aws),
      flag: target,
      ...resolvedDelivery({ keys: keysIn(target.format), delivery: flag.delivery }, own),
      steps: (own.steps ?? plan.steps).map(step),
      watch: resolvedWatch(
        { ...shared.watch, ...withoutUndefined(own.watch ?? {}) },
        { home: withoutUndefined(own.aws), jobs, ...own.verification },
      ),
      infrastructure: infrastructure === undefined ? undefined : resolvedInfrastructure(infrastructure),
      windows: own.windows === 'anytime' ? [] : own.windows.map(resolvedWindow),
      freezes: resolvedFreezes([...(shared.freezes ?? []), ...(own.freezes ?? [])]),
      freezeParameter: shared.freezeParameter ?? withEnvironment(freezeParameterOf(service), environment),
      approvals: resolvedApprovals(own.approvals),
      checklist: resolvedChecklist(own.checklist),
      checks: resolvedChecks(shared.checks, own.checks),
      probe: resolvedProbe(shared.probe, own.probe),
      hooks: resolvedHooks(shared.hooks, own.hooks),
      fallback: shared.fallback,
      deployment: resolvedDeployment(plan, own),
      verification: verification(own.verification, jobs),
      limits: resolvedLimits(shared.limits, own.limits),
      ...people(shared, own),
      audit: resolvedAudit(shared.audit, own.audit),
      permissions: resolvedPermissions(shared.permissions, own.permissions, plan.environments.indexOf(found)),
      diagnosis: shared.diagnosis === undefined ? undefined : diagnosisPlaces(shared.diagnosis),
    },
  };
}

function unknownEnvironment(plan: Plan, environment: string): Problem {
  const names = plan.environments.map(({ name }) => name);
  const meant = nearestName(environment, names);
  const remedy = meant === undefined ? 'name one of them' : `name ${meant}`;
  return { path: 'environment', value: environment, problem: `the plan has only ${names.join(', ')}`, remedy };
}

function resolvedInfrastructure({ monitor, atMost, ...rest }: NonNullable<Plan['infrastructure']>): Infrastructure {
  const monitorMs = monitor === undefined ? undefined : durationMs(monitor);
  const atMostMs = atMost === undefined ? undefined : durationMs(atMost);
  return { ...rest, ...withoutUndefined({ monitorMs, atMostMs }) };
}

function step({ percentage, soak }: Plan['steps'][number]): Step {
  return { percentage, soakMs: durationMs(soak) ?? 0 };
}

type People = Pick<Plan, 'contact' | 'notify'>;

function people(shared: People, own: People): Pick<EnvironmentPlan, 'contact' | 'notify'> {
  const notify = own.notify ?? shared.notify;
  return withoutUndefined({ contact: own.contact ?? shared.contact, notify: notify?.map(channel) });
}

const channel = (written: NonNullable<Plan['notify']>[number]): Channel => withoutUndefined(written) as Channel;

function diagnosisPlaces({ within, ...places }: NonNullable<Plan['diagnosis']>): DiagnosisPlaces {
  const withinMs = within === undefined ? undefined : durationMs(within);
  return withoutUndefined({ ...places, withinMs });
}

function verification(written: Environment['verification'], jobs: JobsApi | undefined): Verification {
  if (written === undefined) return { monitorMs: 0, jobs };
  const { monitor, limits, followWithin, ...rest } = written;
  const followWithinMs = followWithin === 'none' ? 0 : durationMs(followWithin ?? '');
  return {
    monitorMs: durationMs(monitor) ?? 0,
    ...withoutUndefined({ ...rest, followWithinMs, jobs }),
    limits: limits === undefined ? undefined : verificationLimits(limits),
  };
}
