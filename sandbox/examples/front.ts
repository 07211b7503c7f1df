import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetAliasCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type AliasTarget, aliasWeights } from '../../rules/delivery/weights';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { awsClient } from '../aws/client-config';
import { applyMissingDataRule } from '../pipeline/missing-data';
import type { Written } from '../stories/story-facts';
import { errorDimensions } from './checkout/service';

export interface Front {
  readonly url: string;
  /** The shares of the new version that the alias had since it was followed, without the 0 % of the beginning. */
  readonly seen: () => readonly Written[];
  /** Follows the versions of another release. */
  readonly follow: (to: AliasTarget) => void;
  readonly close: () => Promise<void>;
}

const METRICS_EVERY_MS = 1_000;

/**
 * What AWS does behind the alias of a Lambda function and the emulator does not: each call goes to one of its two versions, by the
 * weights that the alias has at that moment, and errors are counted by version. Answers `POST /` with what the function
 * answers, or 502 when it fails.
 */
export async function startFront(aws: AwsTarget, first: AliasTarget): Promise<Front> {
  const follower = new AliasFollower(aws, first);
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      follower.call(Buffer.concat(chunks)).then(
        ({ status, body }) => answer.writeHead(status, { 'content-type': 'application/json' }).end(body),
        (error: unknown) => answer.writeHead(503).end(String(error)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = follower.publishEvery(METRICS_EVERY_MS);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: () => follower.seen,
    follow: (to) => follower.follow(to),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await stop();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

class AliasFollower {
  seen: Written[] = [];
  private readonly lambda: LambdaClient;
  private readonly metrics: CloudWatchClient;
  private errors = new Map<string, number>();
  /** Calls that a version has not had yet: with 25 % it gets every fourth one, where AWS draws lots. */
  private readonly owed = new Map<string, number>();

  constructor(
    aws: AwsTarget,
    private to: AliasTarget,
  ) {
    this.lambda = new LambdaClient(awsClient(aws));
    this.metrics = new CloudWatchClient(awsClient(aws));
  }

  follow(to: AliasTarget): void {
    this.to = to;
    this.seen = [];
  }

  async call(Payload: Uint8Array): Promise<Answer> {
    const { function: FunctionName } = this.to;
    const Qualifier = await this.version();
    const { FunctionError, Payload: answered } = await this.lambda.send(
      new InvokeCommand({ FunctionName, Qualifier, Payload }),
    );
    const failed = FunctionError !== undefined;
    this.errors.set(Qualifier, (this.errors.get(Qualifier) ?? 0) + (failed ? 1 : 0));
    return { status: failed ? 502 : 200, body: Buffer.from(answered ?? []).toString('utf8') };
  }

  /** The version that takes this call. */
  private async version(): Promise<string> {
    const { to } = this;
    const asked = new GetAliasCommand({ FunctionName: to.function, Name: to.alias });
    const { FunctionVersion = '', RoutingConfig } = await this.lambda.send(asked);
    const weights = RoutingConfig?.AdditionalVersionWeights ?? {};
    this.note(to, Number(aliasWeights(to, FunctionVersion, weights)['weight']));
    for (const [version, share] of Object.entries(weights)) {
      const owed = (this.owed.get(version) ?? 0) + share;
      this.owed.set(version, owed >= 1 ? owed - 1 : owed);
      if (owed >= 1) return version;
    }
    return FunctionVersion;
  }

  /** An answer that arrives after the next release began says nothing about it. A release begins at 0 %, also when no call came before its first raise. */
  private note(asked: AliasTarget, percentage: number): void {
    if (asked === this.to && (this.seen.at(-1)?.percentage ?? 0) !== percentage)
      this.seen.push({ percentage, atMs: Date.now() });
  }

  /** Counts of 0 too: the emulator judges an alarm only when data arrives. */
  publishEvery(everyMs: number): () => Promise<void> {
    let last = Promise.resolve();
    const timer = setInterval(() => {
      last = last.then(() => this.publish()).catch(() => undefined);
    }, everyMs);
    return async () => {
      clearInterval(timer);
      await last;
      this.lambda.destroy();
      this.metrics.destroy();
    };
  }

  private async publish(): Promise<void> {
    const counted = this.errors;
    this.errors = new Map();
    const { function: FunctionName, alias } = this.to;
    const MetricData = [...counted].map(([version, Value]) => ({
      ...{ MetricName: 'Errors', Unit: 'Count' as const, Value },
      Dimensions: errorDimensions({ FunctionName, alias, version }),
    }));
    if (MetricData.length > 0)
      await this.metrics.send(new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData }));
    await applyMissingDataRule(this.metrics);
  }
}
