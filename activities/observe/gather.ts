import DataLoader from 'dataloader';

/** Checks that ask within this time of one another share a request. */
const GATHER_MS = 25;
/** With many, a group of checks begins together (`nextLookInMs`): its requests wait until nothing more has come for a moment. */
const QUIET_MS = 40;
const LONGEST_GATHER_MS = 500;
/** So few are no group. */
const FEW = 10;
/** What was not asked for within this time belongs to no rollout any more. */
const REMEMBERED_MS = 3_600_000;

interface Asking<Client, Key, Value> {
  /** How many AWS takes in one request. */
  readonly most: number;
  /** The answer for each key, in its place; an error is one key's alone. */
  readonly ask: (client: Client, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>;
  /** The same each time a rollout asks it, so that what is asked for can be counted. */
  readonly idOf: (key: Key) => string;
}

interface Kept<Key, Value> {
  readonly loader: DataLoader<Key, Value, string>;
  /** By id, the longest ago first. */
  readonly askedAtMs: Map<string, number>;
  lastAtMs: number;
}

/**
 * Requests of all rollouts of an account and region together: there is one AWS client for each account, region and profile. Each check
 * asks again; only the request is shared.
 */
export class Gathering<Client extends object, Key, Value> {
  private readonly known = new WeakMap<Client, Kept<Key, Value>>();

  constructor(private readonly asking: Asking<Client, Key, Value>) {}

  /** @throws what AWS answered. */
  ask(client: Client, key: Key): Promise<Value> {
    const kept = this.keptOf(client);
    const id = this.asking.idOf(key);
    kept.lastAtMs = Date.now();
    kept.askedAtMs.delete(id);
    kept.askedAtMs.set(id, kept.lastAtMs);
    return kept.loader.load(key);
  }

  /** How many different ones are asked for in the client's account and region. */
  countOf(client: Client): number {
    const { askedAtMs } = this.keptOf(client);
    for (const [id, atMs] of askedAtMs) {
      if (Date.now() - atMs <= REMEMBERED_MS) break;
      askedAtMs.delete(id);
    }
    return askedAtMs.size;
  }

  private keptOf(client: Client): Kept<Key, Value> {
    const kept = this.known.get(client) ?? { loader: this.loaderOf(client), askedAtMs: new Map(), lastAtMs: 0 };
    this.known.set(client, kept);
    return kept;
  }

  private loaderOf(client: Client): DataLoader<Key, Value, string> {
    const { most, ask } = this.asking;
    const loader: DataLoader<Key, Value, string> = new DataLoader(
      (keys) => {
        // Only prevents duplicates within one request: the next check asks again.
        loader.clearAll();
        return ask(client, keys);
      },
      { maxBatchSize: most, cacheKeyFn: JSON.stringify, batchScheduleFn: (send) => this.whenGathered(client, send) },
    );
    return loader;
  }

  private whenGathered(client: Client, send: () => void): void {
    // What one rollout asks at once is here by then, and there is no other one.
    if (this.countOf(client) <= 1) return void setImmediate(send);
    const beganAtMs = Date.now();
    const isGathered = (): boolean => {
      if (this.countOf(client) <= FEW) return true;
      const nowMs = Date.now();
      return nowMs - this.keptOf(client).lastAtMs >= QUIET_MS || nowMs - beganAtMs >= LONGEST_GATHER_MS;
    };
    const sendIfGathered = (): void => void (isGathered() ? send() : setTimeout(sendIfGathered, GATHER_MS));
    setTimeout(sendIfGathered, GATHER_MS);
  }
}
