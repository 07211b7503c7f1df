import { CancellationScope, isCancellation, log, sleep } from '@temporalio/workflow';
import { backoffMs } from '../../rules/backoff';
import { type Delivered, deliveredKey, type Delivery } from '../../rules/delivery/delivery';
import * as rules from '../../rules/rollout/delivering';
import { deliveryProblem } from '../deliver-zero';
import { delivering, deliveringZero } from '../proxies';
import type { RolloutStore } from './store';
import { causeOf } from '../cancellable';

const BETWEEN_ZEROS_MS = 3_000;
const LONGEST_BETWEEN_ZEROS_MS = 60_000;

interface Run {
  readonly percentage: number;
  readonly scope: CancellationScope;
}

/**
 * Delivers the percentage of the document to an API that knows only environment variables, beside everything else: alarms
 * are watched and verbs obeyed meanwhile. Nothing waits for the end of a superseded delivery, least of all the zero; what
 * it may still set is set again by the delivery after it.
 */
export class BackgroundDelivery {
  private running: Run | undefined;
  private tries = 0;
  /** While one of its activities runs, which a new run would lose. */
  atWork = false;

  constructor(private readonly store: RolloutStore) {}

  /** Called before each decision: ends a delivery that is no longer due, and starts the one that is. Never throws. */
  follow(): void {
    const { plan, state } = this.store;
    const percentage = rules.deliveryDue(plan, state);
    if (this.running !== undefined && this.running.percentage !== percentage) {
      this.running.scope.cancel();
      this.running = undefined;
      this.atWork = false;
    }
    if (percentage === undefined || this.running !== undefined || plan.delivery === undefined) return;
    this.store.updateQuietly((now) => rules.beginDelivery(now, percentage, Date.now()));
    const run = { percentage, scope: new CancellationScope() };
    this.running = run;
    this.tries = 0;
    const { delivery } = plan;
    void run.scope.run(() => this.deliver(run, delivery));
  }

  /** Runs until the delivery is no longer due. Never throws: an error here would end the rollout. */
  private async deliver(run: Run, delivery: Delivery): Promise<void> {
    try {
      while (this.isDue(run)) {
        const askedAtMs = Date.now();
        const answer = await this.ask(run, delivery);
        if (this.running !== run) return;
        await this.record(run, answer, askedAtMs);
      }
    } catch (error) {
      if (!isCancellation(error)) log.error(`the delivery of ${run.percentage} % ended: ${causeOf(error)}`);
    } finally {
      if (this.running === run) this.running = undefined;
    }
  }

  private isDue({ percentage }: Run): boolean {
    return rules.deliveryDue(this.store.plan, this.store.state) === percentage;
  }

  private async ask(run: Run, delivery: Delivery): Promise<Delivered | { readonly problem: string }> {
    const { plan, state } = this.store;
    const { percentage } = run;
    const known = state.delivery?.found;
    const { aws, flag, environment } = plan;
    const progress = state.delivery?.progress;
    const order = { aws, flag, environment, delivery, percentage, progress };
    const leftMs = rules.deliveryUntilMs(plan, state) - Date.now();
    const limits = percentage === 0 ? ZERO_LIMITS(delivery) : { scheduleToCloseTimeout: Math.max(1, leftMs) };
    this.atWork = true;
    try {
      const { deliverFlag } = percentage === 0 ? deliveringZero : delivering;
      return await deliverFlag.executeWithOptions({ ...limits, summary: `deliver ${percentage} %` }, [
        known === undefined ? order : { ...order, known: deliveredKey(known) },
      ]);
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { problem: deliveryProblem(error, delivery.withinMs) };
    } finally {
      if (this.running === run) this.atWork = false;
    }
  }

  private async record(
    { percentage }: Run,
    answer: Delivered | { readonly problem: string },
    askedAtMs: number,
  ): Promise<void> {
    const { store } = this;
    if ('problem' in answer) {
      const why = answer.problem;
      if (percentage === 0) log.error(`0 % is NOT delivered yet, trying again: ${why}`);
      store.update((now) => rules.recordUndelivered(store.plan, now, { percentage, why }, Date.now()));
      this.tries += 1;
      if (percentage === 0) await sleep(backoffMs(this.tries, BETWEEN_ZEROS_MS, LONGEST_BETWEEN_ZEROS_MS));
      return;
    }
    this.tries = 0;
    const { others: seen } = answer;
    if (seen !== undefined && percentage > 0)
      return store.update((now) => rules.recordVariablesDuringRaise(store.plan, now, { percentage, seen }, Date.now()));
    const look = { percentage, found: answer, askedAtMs };
    store.update((now) => rules.recordDelivered(store.plan, now, look, Date.now()));
    // Reported everywhere, but a raise that was given up may still set its own.
    const sureMs = rules.zeroSureMs(store.state);
    if (answer.complete && percentage === 0 && askedAtMs < sureMs) await sleep(Math.max(1, sureMs - Date.now()));
  }
}

/** Bounded retries, so that a failure is reported soon; the workflow repeats the delivery without end. */
const ZERO_LIMITS = ({ withinMs }: Delivery) => ({
  scheduleToCloseTimeout: withinMs,
  retry: { initialInterval: 500, backoffCoefficient: 2, maximumAttempts: 4 },
});
