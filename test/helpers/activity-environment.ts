import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

/** An activity's surroundings without a server, and without its log lines in the test's output. */
export const activityEnvironment = (info?: Partial<Info>): MockActivityEnvironment =>
  new MockActivityEnvironment({ startToCloseTimeoutMs: 3_600_000, ...info }, { logger: new DefaultLogger('ERROR') });
