import type * as actModule from './act';
import type * as breakGlassModule from './break-glass';
import type * as consentModule from './consent';
import type * as diagnoseModule from './diagnose';
import type * as deployModule from './deploy';
import type * as doctorModule from './doctor';
import type * as freezeModule from './freeze';
import type * as flagsOwnerModule from './flags-owner';
import type * as findingsModule from './findings';
import type * as historyModule from './history';
import type * as listModule from './list';
import type * as nextWayModule from './next-way';
import type * as planModule from './plan';
import type * as releaseModule from './release';
import type * as rollbackModule from './rollback';
import type * as setupModule from './setup';
import type * as startModule from './start';
import type * as statusModule from './status';
import type * as steerModule from './steer';
import type * as verifyModule from './verify';
import type * as watchModule from './watch';

/** Each verb is loaded when it is run, so that wrong usage and help do not wait for the Temporal client. */
export const verbs = {
  act: () => (require('./act') as typeof actModule).act,
  flags: () => require('./break-glass') as typeof breakGlassModule,
  consent: () => require('./consent') as typeof consentModule,
  diagnose: () => (require('./diagnose') as typeof diagnoseModule).diagnose,
  deploy: () => (require('./deploy') as typeof deployModule).deploy,
  doctor: () => (require('./doctor') as typeof doctorModule).doctor,
  freezes: () => require('./freeze') as typeof freezeModule,
  flagsOwner: () => (require('./flags-owner') as typeof flagsOwnerModule).releaseOwner,
  findings: () => (require('./findings') as typeof findingsModule).findings,
  history: () => (require('./history') as typeof historyModule).history,
  list: () => (require('./list') as typeof listModule).list,
  orNextWay: () => (require('./next-way') as typeof nextWayModule).orNextWay,
  plan: () => (require('./plan') as typeof planModule).plan,
  release: () => (require('./release') as typeof releaseModule).release,
  rollback: () => (require('./rollback') as typeof rollbackModule).rollback,
  setup: () => (require('./setup') as typeof setupModule).setup,
  start: () => (require('./start') as typeof startModule).start,
  status: () => (require('./status') as typeof statusModule).status,
  steer: () => require('./steer') as typeof steerModule,
  verify: () => (require('./verify') as typeof verifyModule).verify,
  watch: () => (require('./watch') as typeof watchModule).watch,
};
