import type * as actModule from '../rollout/pause-resume-abort';
import type * as breakGlassModule from '../flag/break-glass';
import type * as consentModule from '../rollout/rollout-or-deployment';
import type * as diagnoseModule from '../inspect/diagnose';
import type * as deployModule from '../deployment/deploy';
import type * as doctorModule from '../inspect/doctor';
import type * as freezeModule from '../flag/freeze';
import type * as flagsOwnerModule from '../flag/release-owner';
import type * as findingsModule from '../flag/findings';
import type * as historyModule from '../inspect/history';
import type * as listModule from '../rollout/list';
import type * as nextWayModule from '../flag/next-way';
import type * as planModule from '../inspect/plan';
import type * as releaseModule from '../deployment/release';
import type * as rollbackModule from '../rollout/rollback';
import type * as setupModule from '../deployment/setup';
import type * as startModule from '../rollout/start';
import type * as statusModule from '../rollout/status';
import type * as steerModule from '../rollout/steer';
import type * as verifyModule from '../deployment/verify';
import type * as watchModule from '../rollout/watch';

/** Each verb is loaded when it is run, so that wrong usage and help do not wait for the Temporal client. */
export const verbs = {
  act: () => (require('../rollout/pause-resume-abort') as typeof actModule).act,
  flags: () => require('../flag/break-glass') as typeof breakGlassModule,
  consent: () => require('../rollout/rollout-or-deployment') as typeof consentModule,
  diagnose: () => (require('../inspect/diagnose') as typeof diagnoseModule).diagnose,
  deploy: () => (require('../deployment/deploy') as typeof deployModule).deploy,
  doctor: () => (require('../inspect/doctor') as typeof doctorModule).doctor,
  freezes: () => require('../flag/freeze') as typeof freezeModule,
  flagsOwner: () => (require('../flag/release-owner') as typeof flagsOwnerModule).releaseOwner,
  findings: () => (require('../flag/findings') as typeof findingsModule).findings,
  history: () => (require('../inspect/history') as typeof historyModule).history,
  list: () => (require('../rollout/list') as typeof listModule).list,
  orNextWay: () => (require('../flag/next-way') as typeof nextWayModule).orNextWay,
  plan: () => (require('../inspect/plan') as typeof planModule).plan,
  release: () => (require('../deployment/release') as typeof releaseModule).release,
  rollback: () => (require('../rollout/rollback') as typeof rollbackModule).rollback,
  setup: () => (require('../deployment/setup') as typeof setupModule).setup,
  start: () => (require('../rollout/start') as typeof startModule).start,
  status: () => (require('../rollout/status') as typeof statusModule).status,
  steer: () => require('../rollout/steer') as typeof steerModule,
  verify: () => (require('../deployment/verify') as typeof verifyModule).verify,
  watch: () => (require('../rollout/watch') as typeof watchModule).watch,
};
