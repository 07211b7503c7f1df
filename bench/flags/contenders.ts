import { GrowthBookClient } from '@growthbook/growthbook';
import { FlagdCore } from '@openfeature/flagd-core';
import { InMemStorageProvider, startUnleash } from 'unleash-client';
import { createFlagReader, formatFlags } from '../../flags';

/** One way to ask whether a job is within the percentage, as an API would ask it. */
export interface Contender {
  readonly name: string;
  readonly isIn: (jobId: string) => boolean;
  readonly close: () => void;
}

/** The same percentage flag, sticky by job id, in every library that evaluates in the process and needs no server. */
export async function contenders(percentage: number): Promise<readonly Contender[]> {
  return [await ours(percentage), await unleash(percentage), growthBook(percentage), flagd(percentage)];
}

export function flagText(percentage: number): string {
  return formatFlags({
    schema: 1,
    generation: 1,
    writer: 'bench',
    reason: 'bench',
    salt: 'pavi-prod',
    percentage,
  });
}

async function ours(percentage: number): Promise<Contender> {
  const reader = createFlagReader({
    fetch: () => Promise.resolve(flagText(percentage)),
    now: Date.now,
    refreshMs: 5_000,
    schedule: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  await reader.refresh();
  return { name: 'ours', isIn: reader.isNew, close: reader.stop };
}

async function unleash(percentage: number): Promise<Contender> {
  const parameters = { rollout: String(percentage), stickiness: 'default', groupId: 'rollout' };
  const feature = {
    name: 'rollout',
    type: 'release',
    enabled: true,
    project: 'default',
    stale: false,
    impressionData: false,
    variants: [],
    strategies: [{ name: 'flexibleRollout', parameters, constraints: [] }],
  };
  const client = await startUnleash({
    appName: 'bench',
    // No requests: no refresh, no metrics, and the flag is given.
    url: 'http://127.0.0.1:9/',
    refreshInterval: 0,
    disableMetrics: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: [feature] },
  });
  return {
    name: 'unleash-client',
    isIn: (userId) => client.isEnabled('rollout', { userId }),
    close: () => client.destroy(),
  };
}

function growthBook(percentage: number): Contender {
  const rule = { id: 'rollout', force: true, coverage: percentage / 100, hashAttribute: 'id', hashVersion: 2 };
  const client = new GrowthBookClient().initSync({
    payload: { features: { rollout: { defaultValue: false, rules: [rule] } } },
  });
  return {
    name: '@growthbook/growthbook',
    isIn: (id) => client.isOn('rollout', { attributes: { id } }),
    close: () => client.destroy(),
  };
}

function flagd(percentage: number): Contender {
  const flag = {
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant: 'off',
    targeting: {
      fractional: [
        ['on', percentage],
        ['off', 100 - percentage],
      ],
    },
  };
  const core = new FlagdCore();
  core.setConfigurations(JSON.stringify({ flags: { rollout: flag } }));
  return {
    name: '@openfeature/flagd-core',
    isIn: (targetingKey) => core.resolveBooleanEvaluation('rollout', false, { targetingKey }).value,
    close: () => undefined,
  };
}
