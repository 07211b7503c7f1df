import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeRulesCommand,
  type ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { loadBalancersOf } from '../../../activities/delivery-clients';
import type { RuleTarget } from '../../../rules/delivery/weights';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { startMoto } from '../aws/start-moto';

const ENDPOINT = 'AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2';
const TARGETS = [{ Id: '10.0.0.1', Port: 80 }];

/**
 * An Application Load Balancer with one rule before two target groups, in moto: MiniStack drops the weights of a rule. The
 * targets are addresses, which moto takes for healthy as soon as they are registered.
 */
export class TestBalancer {
  private constructor(
    readonly client: ElasticLoadBalancingV2Client,
    readonly to: RuleTarget,
    /** The listener's default rule, and a third target group of another deployment. */
    readonly others: { readonly defaultRule: string; readonly targetGroup: string },
    readonly stop: () => Promise<void>,
  ) {}

  static async start(aws: AwsTarget): Promise<TestBalancer> {
    const moto = await startMoto();
    process.env[ENDPOINT] = moto.endpoint;
    const client = await loadBalancersOf(aws);
    const [vpc = '', Subnets] = await network(moto.endpoint);
    const made = await client.send(new CreateLoadBalancerCommand({ Name: 'checkout', Subnets }));
    const LoadBalancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn;
    const group = async (Name: string): Promise<string> => {
      const input = { Name, Protocol: 'HTTP', Port: 80, TargetType: 'ip', VpcId: vpc } as const;
      const { TargetGroups } = await client.send(new CreateTargetGroupCommand(input));
      return TargetGroups?.[0]?.TargetGroupArn ?? '';
    };
    const targetGroups = { new: await group('checkout-v2'), old: await group('checkout-v1') };
    const targetGroup = await group('checkout-v3');
    const DefaultActions: Action[] = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }];
    const listener = await client.send(
      new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }),
    );
    const ListenerArn = listener.Listeners?.[0]?.ListenerArn;
    const Conditions = [{ Field: 'path-pattern', Values: ['/*'] }];
    const Actions: Action[] = [{ Type: 'forward', TargetGroupArn: targetGroups.old }];
    const rule = await client.send(new CreateRuleCommand({ ListenerArn, Priority: 1, Conditions, Actions }));
    const listenerRule = rule.Rules?.[0]?.RuleArn ?? '';
    const all = await client.send(new DescribeRulesCommand({ ListenerArn }));
    const defaultRule = all.Rules?.find(({ IsDefault }) => IsDefault === true)?.RuleArn ?? '';
    const to = { kind: 'load-balancer', listenerRule, targetGroups } as const;
    const balancer = new TestBalancer(client, to, { defaultRule, targetGroup }, async () => {
      delete process.env[ENDPOINT];
      await moto.stop();
    });
    await balancer.health(true);
    return balancer;
  }

  /** Whether the new target group has a healthy target. */
  async health(healthy: boolean): Promise<void> {
    const input = { TargetGroupArn: this.to.targetGroups.new, Targets: TARGETS };
    await this.client.send(healthy ? new RegisterTargetsCommand(input) : new DeregisterTargetsCommand(input));
  }

  async actions(): Promise<readonly Action[]> {
    const { Rules } = await this.client.send(new DescribeRulesCommand({ RuleArns: [this.to.listenerRule] }));
    return Rules?.[0]?.Actions ?? [];
  }

  /** The weights of the rule by the names of the target groups. */
  async weights(): Promise<Readonly<Record<string, number>>> {
    const forward = (await this.actions()).find(({ Type }) => Type === 'forward');
    const groups = forward?.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: forward?.TargetGroupArn }];
    return Object.fromEntries(
      groups.map(({ TargetGroupArn = '', Weight = 1 }) => [TargetGroupArn.split('/')[1] ?? '', Weight]),
    );
  }

  /** As somebody else sets them; groups by their ARN. */
  async set(weights: Readonly<Record<string, number>>): Promise<void> {
    const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
    await this.setActions([{ Type: 'forward', ForwardConfig: { TargetGroups } }]);
  }

  async setActions(Actions: readonly Action[]): Promise<void> {
    await this.client.send(new ModifyRuleCommand({ RuleArn: this.to.listenerRule, Actions: [...Actions] }));
  }
}

/** moto's own VPC and two of its subnets, by EC2's query API. */
async function network(endpoint: string): Promise<readonly [string | undefined, string[]]> {
  const scope = 'Credential=test/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0';
  const headers = {
    authorization: `AWS4-HMAC-SHA256 ${scope}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const body = 'Action=DescribeSubnets&Version=2016-11-15';
  const text = await (await fetch(endpoint, { method: 'POST', headers, body })).text();
  const all = (pattern: RegExp): string[] => Array.from(text.matchAll(pattern), ([, id = '']) => id);
  return [all(/<vpcId>([^<]+)/g)[0], all(/<subnetId>([^<]+)/g).slice(0, 2)];
}
