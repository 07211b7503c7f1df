import { Context } from '@temporalio/activity';
import type { AwsTarget, FlagTarget } from '../../rules/plan/environment-plan';
import { type Found, judgeDeploymentStatus, judgeHealth } from '../../rules/verification/health';
import { jsonIn } from '../../flags/json';
import { sideWords } from '../../rules/jobs/side';
import { cutInTheMiddle, formatDuration } from '../../rules/format';
import type { AwsFor } from '../aws';
import { messageOf } from '../failures';
import { createFlagObservations } from './flag/flags';
import { webFetch } from '../web';
import { poll } from '../poll';
import { within } from '../within';

export interface HealthOrder {
  readonly aws: AwsTarget;
  readonly flag: FlagTarget;
  readonly environment: string;
  /** Addresses of the health of each instance. */
  readonly addresses: readonly string[];
  /** Instances may still be starting, or use earlier flags: each is polled until it is as expected. */
  readonly withinMs: number;
}

export interface DeploymentStatusOrder {
  readonly environment: string;
  /** Of `/api/deployment-status`. */
  readonly address: string;
  readonly withinMs: number;
}

const POLL_MS = 1_000;
const REQUEST_WITHIN_MS = 5_000;

/** "Health Check", from the API's own report. */
export function createHealthObservations(awsFor: AwsFor) {
  const { readFlag } = createFlagObservations(awsFor);
  return {
    /** Every instance is up, in this environment, and in the mode of the flag at that moment. */
    async checkHealth({ aws, flag, environment, addresses, withinMs }: HealthOrder): Promise<Found> {
      return repeated(withinMs, async () => {
        const found = await readFlag({ aws, flag });
        if (!found.found) return { ok: false, unseen: true, why: `the expected mode is not known: ${found.why}` };
        const { percentage, generation } = found;
        const expected = { environment, sides: sideWords(flag), percentage, generation, parameter: flag.parameter };
        const said = await Promise.all(
          addresses.map((address) => judged(address, (body) => judgeHealth(body, expected))),
        );
        return joined(said);
      });
    },

    async checkDeploymentStatus({ address, environment, withinMs }: DeploymentStatusOrder): Promise<Found> {
      return repeated(withinMs, () => judged(address, (body) => judgeDeploymentStatus(body, environment)));
    },
  };
}

async function repeated(withinMs: number, look: () => Promise<Found>): Promise<Found> {
  const found = await poll(look, {
    until: ({ ok }) => ok,
    meanwhile: ({ why }) => Context.current().heartbeat(why),
    everyMs: POLL_MS,
    withinMs,
  });
  return found.ok ? found : { ...found, why: `${found.why}, for ${formatDuration(withinMs)}` };
}

async function judged(address: string, judge: (body: unknown) => Found): Promise<Found> {
  try {
    const signal = within(REQUEST_WITHIN_MS, Context.current().cancellationSignal);
    const answer = await webFetch(address, { signal, headers: { accept: 'application/json' } });
    const text = await answer.text();
    if (answer.status !== 200)
      return { ok: false, why: `${address} answered ${answer.status}: ${cutInTheMiddle(text, 200)}` };
    const body = jsonIn(text);
    if (body === undefined) return { ok: false, why: `${address} answers no JSON: ${cutInTheMiddle(text, 200)}` };
    const { ok, why } = judge(body);
    return { ok, why: `${address}: ${why}` };
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    return { ok: false, unseen: true, why: `${address} does not answer as it should: ${messageOf(error)}` };
  }
}

/** The problem of some instances, or what all report. */
function joined(said: readonly Found[]): Found {
  const bad = said.filter(({ ok }) => !ok);
  const unseen = bad.length > 0 && bad.every((one) => one.unseen === true);
  return {
    ok: bad.length === 0,
    unseen: unseen || undefined,
    why: (bad.length === 0 ? said : bad).map(({ why }) => why).join('; '),
  };
}
