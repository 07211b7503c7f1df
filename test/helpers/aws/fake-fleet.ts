import { heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { DeliveryOrder } from '../../../activities/act/delivery/deliver-flag';
import { type Delivered, deliveredKey, type OtherVariables } from '../../../rules/delivery/delivery';
import type { FakeAws } from './fake-aws';

/** Where the API runs, in a workflow test's time: instances that use variables. The real one is in `test/aws/deliver-*`. */
export class FakeFleet {
  /** The variables that each instance uses. */
  instances: number[] = [0, 0, 0];
  readonly orders: DeliveryOrder[] = [];
  /** Runs before the variables are set; may throw, wait, or change the world. */
  beforeSet: (order: DeliveryOrder) => Promise<void> | void = () => undefined;
  /** An outside change of the variables, during a raise. */
  others: OtherVariables | undefined;
  /** How many instances take new variables at once. */
  takes = (_order: DeliveryOrder): number => this.instances.length;
  /** The document when variables were set, by what they were. */
  readonly set: { readonly percentage: number; readonly document: number }[] = [];

  constructor(private readonly aws: FakeAws) {}

  activities() {
    return { ...this.aws.activities(), ...this.delivers() };
  }

  delivers() {
    return { deliverFlag: (order: DeliveryOrder) => this.deliverFlag(order) };
  }

  private async deliverFlag(order: DeliveryOrder): Promise<Delivered> {
    this.orders.push(order);
    const beat = setInterval(() => heartbeat(), 50);
    try {
      await this.beforeSet(order);
      const { percentage } = order;
      if (this.others !== undefined && percentage > 0)
        return { reporting: 0, of: 3, complete: false, why: 'by the test', others: this.others };
      if (this.instances.some((one) => one !== percentage))
        this.set.push({ percentage, document: this.aws.flag.percentage });
      const takes = this.takes(order);
      this.instances = this.instances.map((one, i) => (i < takes ? percentage : one));
      const reporting = this.instances.filter((one) => one === percentage).length;
      const of = this.instances.length;
      const found = { reporting, of, complete: reporting === of, why: 'by the test' };
      if (found.complete || deliveredKey(found) !== order.known) return found;
      // The real one waits in the activity; while one runs, the time-skipping server skips nothing.
      throw ApplicationFailure.create({
        type: 'NothingNew',
        category: 'BENIGN',
        message: 'still on its way',
        nextRetryDelay: '47s',
      });
    } finally {
      clearInterval(beat);
    }
  }
}
