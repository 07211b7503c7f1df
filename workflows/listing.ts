import type { SearchAttributePair } from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  log,
  proxyActivities,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { backoffMs } from '../rules/backoff';
import { causeOf } from './cancellable';
import { IS_LISTED } from './messages';

/** What somebody starts by hand, without our client's memo, is in no list of phases. */
const isListed = (): boolean => workflowInfo().memo?.['listed'] === IS_LISTED.listed;

/** Asked once, and soon over: nothing waits for what lists show. */
const asking = proxyActivities<Pick<Activities, 'missingAttributes'>>({
  scheduleToCloseTimeout: '5s',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { maximumAttempts: 1 },
});

/** How long an answer counts, from the question: less than the 10 s after which Temporal tries a task for the third time. */
const FRESH_MS = 8_000;
/** Nothing is asked for so long after no answer, or one that came too late; twice as long each time, and at most an hour. */
const QUIET_MS = 10_000;

/** The same for a new run, which may have to wait for the end of a try for zero. */
const HAND_ON_FRESH_MS = 20_000;
const HAND_ON_AGAIN_MS = 60_000;
const HAND_ON_REFUSED_MS = 3_600_000;

/**
 * Keeps the search attributes of a workflow as they are to be, beside everything else. A namespace that lacks one fails the
 * task that sends it, at every try (BadSearchAttributes, server 1.32), so that only those are sent that Temporal knows at that
 * moment. One that is removed just then costs seconds: Temporal tries the task again, the third time after 10 s. At that time
 * the answer does not count any more, and nothing is sent.
 */
export class Listing {
  private wanted: readonly SearchAttributePair[] = [];
  private shown = '[]';
  /** Questions in a row without an answer that counts. */
  private unanswered = 0;
  private isQuiet = false;
  private handOn: { readonly askedAtMs: number; readonly ok?: boolean } | undefined;
  private following: Promise<void> | undefined;

  /** @param allowed false while nothing may be sent at all. */
  constructor(private readonly allowed: () => boolean = () => true) {}

  /** Begins to show it when it is news, and waits for nothing. Never throws. */
  show(wanted: readonly SearchAttributePair[]): void {
    this.wanted = wanted;
    if (this.following !== undefined || !this.isDue()) return;
    this.following = CancellationScope.nonCancellable(() => this.follow());
  }

  /** Until it shows what it can: some seconds at the longest. Never throws. */
  async settled(): Promise<void> {
    await condition(() => this.following === undefined || this.isQuiet);
  }

  /**
   * Whether a new run may begin: it inherits the attributes, and those that are missing would fail the task that begins it. The
   * first call asks, and whoever calls again learns it; nothing waits for that.
   */
  mayHandOn(): boolean {
    if (workflowInfo().typedSearchAttributes.getAll().length === 0) return true;
    const { askedAtMs = -Infinity, ok } = this.handOn ?? {};
    const age = Date.now() - askedAtMs;
    if (ok === true && age <= HAND_ON_FRESH_MS) return true;
    if (age > (ok === false ? HAND_ON_REFUSED_MS : HAND_ON_AGAIN_MS)) void this.askHandOn();
    return false;
  }

  private async askHandOn(): Promise<void> {
    const askedAtMs = Date.now();
    this.handOn = { askedAtMs };
    const missing = await CancellationScope.nonCancellable(() => this.missing());
    const inherited = workflowInfo().typedSearchAttributes.getAll();
    this.handOn = { askedAtMs, ok: inherited.every(({ key }) => missing?.includes(key.name) === false) };
  }

  private isDue(): boolean {
    return isListed() && this.allowed() && JSON.stringify(this.wanted) !== this.shown;
  }

  private async follow(): Promise<void> {
    while (this.isDue()) {
      const askedAtMs = Date.now();
      const missing = await this.missing();
      if (!this.isDue()) break;
      if (missing === undefined || Date.now() - askedAtMs > FRESH_MS) {
        await this.beQuiet();
        continue;
      }
      this.unanswered = 0;
      this.shown = JSON.stringify(this.wanted);
      const known = this.wanted.filter(({ key }) => !missing.includes(key.name));
      if (known.length > 0) upsertSearchAttributes([...known]);
    }
    this.following = undefined;
  }

  private async beQuiet(): Promise<void> {
    this.unanswered += 1;
    this.isQuiet = true;
    await sleep(backoffMs(this.unanswered, QUIET_MS));
    this.isQuiet = false;
  }

  /** Undefined when nobody knows. */
  private async missing(): Promise<readonly string[] | undefined> {
    try {
      return await asking.missingAttributes();
    } catch (error) {
      log.warn(`what Temporal can list is not known: ${causeOf(error)}`);
      return undefined;
    }
  }
}
