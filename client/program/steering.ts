import type { Command } from 'commander';
import { Option } from 'commander';
import type { ExitCode } from '../terminal/failure';
import type {
  AbortOptions,
  ApproveOptions,
  ChecklistOptions,
  CommandOptions,
  DeploymentOptions,
  DeployOptions,
  ExtendOptions,
  FindingsOptions,
  FreezeOptions,
  PromoteOptions,
  ReleaseOptions,
  ResumeOptions,
  RollbackOptions,
  StepOptions,
  UnfreezeOptions,
} from '../options';
import { commanding, percentageOf, reasoned } from './shared-options';
import type { orNextWay } from '../flag/next-way';
import { verbs } from './lazy-verbs';

type Done = (exitCode: ExitCode) => void;

/** Each of these is wanted at night: with nobody to answer, it names the way to 0 % that needs no Temporal. */
const toZero: typeof orNextWay = (verb, environment, options, run) =>
  verbs.orNextWay()(verb, environment, options, run);

const DEPLOYMENT = ['--deployment', 'the deployment is meant (default: the only one of both that runs)'] as const;

/** The verbs that change something: they stop, they let go on, they keep from going on. */
export function addSteering(top: Command, done: Done): void {
  commanding(
    top.command('pause [env]').description('keeps the percentage where it is; alarms still put it to 0'),
  ).action(async (env: string | undefined, options: CommandOptions) =>
    done(await toZero('pause', env, options, (more) => verbs.act()('pause', env, more))),
  );
  commanding(top.command('resume [env]').description('goes on after a pause or a hold'))
    .option('--adopt', 'after somebody else wrote the flag: go on from what stands, as without it')
    .option('--restore', 'after somebody else wrote the flag: write the percentage of the step again')
    .action(async (env: string | undefined, options: ResumeOptions) =>
      done(await toZero('resume', env, options, (more) => verbs.act()('resume', env, more))),
    );
  commanding(
    top
      .command('abort [env]')
      .description('puts the percentage to 0 and ends the rollout; does nothing when none runs'),
  )
    .option('--deployment', 'stops the deployment instead')
    .option('--undelivered', 'ends the rollout although 0 % is not delivered to every instance; needs --reason')
    .action(async (env: string | undefined, options: AbortOptions) =>
      done(await toZero('abort', env, options, (more) => verbs.consent().abort(env, more))),
    );
  addStacks(top, done);
  commanding(
    top.command('findings <env>').description('writes what was found after --to nextflow; a new rollout waits for it'),
  )
    .requiredOption('--file <file>', 'text of the findings')
    .action(async (env: string, options: FindingsOptions) => done(await verbs.findings()(env, options)));
  addConsent(top, done);
  addPace(top, done);
  addFreezes(top, done);
}

function addStacks(top: Command, done: Done): void {
  commanding(
    top
      .command('deploy <env>')
      .description('deploys the stacks of the plan, after keeping what is there for the way back'),
  )
    .option('--diff', 'only show what would change; deploys nothing')
    .option('--no-verify', 'deploy only; what waits for a verified deployment goes on waiting')
    .action(async (env: string, options: DeployOptions) => done(await verbs.deploy()(env, options)));
  commanding(
    top
      .command('setup <env>')
      .description('makes what a rollout needs in AWS beside the service: flag parameter, alarm push, guardian'),
  )
    .option('--diff', 'only show what it would create or change; deploys nothing')
    .action(async (env: string, options: DeployOptions) => done(await verbs.setup()(env, options)));
  commanding(
    top
      .command('verify <env>')
      .description('looks whether what is deployed works: health, jobs with golden results, alarms and dashboard'),
  ).action(async (env: string, options: CommandOptions) => done(await verbs.verify()(env, options)));
  commanding(
    top
      .command('release <env>')
      .description('deploys, verifies and rolls out, one after the other, and shows how far it is'),
  )
    .option('--detach', 'only start it')
    .action(async (env: string, options: ReleaseOptions) => done(await verbs.release()(env, options)));
  commanding(
    top
      .command('rollback <env>')
      .description('puts the percentage to 0, also after a rollout has ended; then the stacks back'),
  )
    .addOption(
      new Option('--to <level>', 'flag: the traffic; infra: the stacks too; nextflow: instances, jobs and findings too')
        .choices(['flag', 'infra', 'nextflow'])
        .default('flag'),
    )
    .option('--diff', 'with --to infra: only show what would change')
    .option('--drain', 'with --to nextflow: wait until nothing runs on Step Functions any more')
    .action(async (env: string, options: RollbackOptions) =>
      done(await toZero('rollback', env, options, (more) => verbs.rollback()(env, more))),
    );
}

function addConsent(top: Command, done: Done): void {
  commanding(
    top
      .command('approve <env>')
      .description(
        'says yes in your name: to a deployment that waits, or to the next raise of the plan as it is read here',
      ),
  )
    .option('--percentage <n>', 'the raise that is meant (default: the next one)', percentageOf)
    .option('--template <hash>', 'what a deployment would deploy, as it was read')
    .option(...DEPLOYMENT)
    .action(async (env: string, options: ApproveOptions) =>
      done(await toZero('approve', env, options, (more) => verbs.consent().approve(env, more))),
    );
  reasoned(top.command('reject <env>').description('says no to what waits for approval'))
    .option(...DEPLOYMENT)
    .action(async (env: string, options: DeploymentOptions) =>
      done(await toZero('reject', env, options, (more) => verbs.consent().reject(env, more))),
    );
  commanding(
    top
      .command('checklist <env>')
      .description('shows what must be so before a deployment or the first raise, and the proof'),
  )
    .option('--tick <id>', 'confirm an item, in your name')
    .option(...DEPLOYMENT)
    .action(async (env: string, options: ChecklistOptions) =>
      done(await toZero('checklist', env, options, (more) => verbs.consent().checklist(env, more))),
    );
}

function addPace(top: Command, done: Done): void {
  commanding(
    top.command('promote <env>').description('ends the soak now; window, freeze, health and approvals still decide'),
  )
    .option('--full', 'ends every soak that is left, up to 100 %')
    .option('--override', 'emergency: the next raise waits for no window and no freeze; needs --reason')
    .action(async (env: string, options: PromoteOptions) =>
      done(await toZero('promote', env, options, (more) => verbs.steer().promote(env, more))),
    );
  commanding(top.command('skip <env>').description('leaves the next percentage of the plan out'))
    .option('--percentage <n>', 'the step that is left out; it has to be the next one', percentageOf)
    .action(async (env: string, options: StepOptions) =>
      done(await toZero('skip', env, options, (more) => verbs.steer().skip(env, more))),
    );
  commanding(top.command('extend <env>').description('holds the present percentage for longer'))
    .option('--for <length>', 'from now, as 90m, 6h or 2d')
    .option('--until <time>', 'until then, ISO 8601; a date counts with all of its day')
    .action(async (env: string, options: ExtendOptions) =>
      done(await toZero('extend', env, options, (more) => verbs.steer().extend(env, more))),
    );
}

function addFreezes(top: Command, done: Done): void {
  reasoned(
    top
      .command('freeze [env]')
      .description('no raise until then, in every environment of the plan or in one; alarms and abort still act'),
  )
    .requiredOption('--until <time>', 'end of the freeze, ISO 8601; a date is the last day, all of it')
    .option('--from <time>', 'its beginning, ISO 8601 (default: now)')
    .action(async (env: string | undefined, options: FreezeOptions) =>
      done(await verbs.freezes().freeze(env, options)),
    );
  reasoned(top.command('unfreeze [env]').description('takes away every freeze that `freeze` wrote')).action(
    async (env: string | undefined, options: UnfreezeOptions) => done(await verbs.freezes().unfreeze(env, options)),
  );
}
