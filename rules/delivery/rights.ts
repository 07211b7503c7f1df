import type { RuleTarget } from './weights';

/** What a delivery by weights changes. */
export type WeightsPlace =
  | { readonly kind: 'lambda-alias'; readonly function: string }
  | ({ readonly kind: 'load-balancer' } & Pick<RuleTarget, 'listenerRule'>);

export interface Right {
  readonly actions: readonly string[];
  readonly resource: string;
}

/**
 * What the worker needs besides the flag parameter, each action at the narrowest resource that AWS supports for it.
 * `functionArn` is the ARN of a function's name. Sources: Service Authorization Reference, AWS Lambda and Elastic Load
 * Balancing V2. UpdateAlias acts on the function; what describes listener rules and targets knows no narrower resource than
 * all of them.
 */
export function weightsRights(place: WeightsPlace, functionArn: (name: string) => string): readonly Right[] {
  if (place.kind === 'lambda-alias')
    return [{ actions: ['lambda:GetAlias', 'lambda:UpdateAlias'], resource: functionArn(place.function) }];
  return [
    { actions: ['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'], resource: '*' },
    { actions: ['elasticloadbalancing:ModifyRule'], resource: place.listenerRule },
  ];
}
