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

/** A workflow started by hand, without our client's memo, appears in no list of phases. */
const isListed = (): boolean => workflowInfo().memo?.['listed'] === IS_LISTED.listed;

/** Asked once and briefly: nothing waits for lists. */
const asking = proxyActivities<Pick<Activities, 'missingAttributes'>>({
  scheduleToCloseTimeout: '5s',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { maximumAttempts: 1 },
});

/** How long an answer counts, from the question: less than the 10 s after which Temporal retries a task for the third time. */
const FRESH_MS = 8_000;
/** The pause after a question without an answer in time; doubles each time, up to an hour. */
const QUIET_MS = 10_000;

/** The same limit for a new run, which may have to wait for the end of a try for zero. */
const HAND_ON_FRESH_MS = 20_000;
const HAND_ON_AGAIN_MS = 60_000;
const HAND_ON_REFUSED_MS = 3_600_000;

/**
 * Keeps the search attributes of a workflow up to date, beside everything else. A namespace that lacks one fails the task
 * that sends it, at every try (BadSearchAttributes, server 1.32), so only those are sent that Temporal knows at that
 * moment. If one is removed just then, seconds are lost: Temporal retries the task, the third time after 10 s; by then the
 * answer no longer counts, and nothing is sent.
 */
export class Listing {
  private wanted: readonly SearchAttributePair[] = [];
  private shown = '[]';
  /** Consecutive questions without a usable answer. */
  private unanswered = 0;
  private isQuiet = false;
  private handOn: { readonly askedAtMs: number; readonly ok?: boolean } | undefined;
  private following: Promise<void> | undefined;

  /** @param allowed false while nothing may be sent. */
  constructor(private readonly allowed: () => boolean = () => true) {}

  /** Starts to send the attributes when they have changed, without waiting. Never throws. */
  show(wanted: readonly SearchAttributePair[]): void {
    this.wanted = wanted;
    if (this.following !== undefined || !this.isDue()) return;
    this.following = CancellationScope.nonCancellable(() => this.follow());
  }

  /** Waits until the attributes are sent as far as possible: some seconds at most. Never throws. */
  async settled(): Promise<void> {
    await condition(() => this.following === undefined || this.isQuiet);
  }

  /**
   * Whether a new run may begin: it inherits the attributes, and missing ones would fail its first task. The first call
   * asks Temporal, later calls see the answer; nothing waits for it.
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

  /** Undefined when not known. */
  private async missing(): Promise<readonly string[] | undefined> {
    try {
      return await asking.missingAttributes();
    } catch (error) {
      log.warn(`what Temporal can list is not known: ${causeOf(error)}`);
      return undefined;
    }
  }
}
