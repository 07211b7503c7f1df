import { setTimeout as sleep } from 'node:timers/promises';

export interface Customers {
  /** Whether every cart has a voucher from now on. Answers whether that is news. */
  readonly useVouchers: (on: boolean) => boolean;
  readonly stop: () => Promise<void>;
}

const EVERY_MS = 150;

/** Traffic of the sample service: a cart after another to `url`. */
export function startCustomers(url: string): Customers {
  let stopped = false;
  let vouchers = false;
  const run = async (): Promise<void> => {
    for (let cart = 0; !stopped; cart += 1) {
      const body = JSON.stringify({
        prices: [cart % 7, 12],
        voucher: vouchers ? 'SPRING' : undefined,
      });
      const call = fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(10_000) });
      await call.then((answer) => answer.text()).catch(() => undefined);
      await sleep(EVERY_MS);
    }
  };
  const running = run();
  return {
    useVouchers: (on) => {
      const isNews = vouchers !== on;
      vouchers = on;
      return isNews;
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}
