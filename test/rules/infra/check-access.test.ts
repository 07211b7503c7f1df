import type { CheckPlaces } from '../../../infra/check-access';
import { prod } from '../../../infra/pavi/environments';
import { RolloutAccessStack } from '../../../infra/pavi/access-stack';
import { accessNames } from '../../../infra/rollout-access';
import { allows, askedByTheWorker, type Statement, statementsIn } from '../../helpers/infra/policies';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';
import { weightsRights } from '../../../rules/delivery/rights';

function workerOf(checks?: CheckPlaces): readonly Statement[] {
  const template = templateOf(new RolloutAccessStack(anApp(), 'Access', { ...prod, checks }));
  return statementsIn(template, accessNames('pavi', 'prod').worker);
}
const DELIVERING = weightsRights({ kind: 'lambda-alias', function: 'any' }, String).flatMap(({ actions }) => actions);
const without = new Set(workerOf().map((statement) => JSON.stringify(statement)));
/** What checks add. */
const added = (checks: CheckPlaces): readonly Statement[] =>
  workerOf(checks).filter((statement) => !without.has(JSON.stringify(statement)));
const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${prod.account}:${resource}`;

describe('a worker that asks checks', () => {
  it('may invoke no function without a check that does', () => {
    const asked = askedByTheWorker().map(([action]) => action);
    const invoking = asked.filter((action) => action.startsWith('lambda:') && !DELIVERING.includes(action));
    expect(invoking).toEqual(['lambda:InvokeFunction']);
    expect(allows(workerOf(), 'lambda:InvokeFunction')).toBe(false);
    expect(allows(workerOf({ stateMachines: [], functions: [], dashboards: [] }), 'lambda:InvokeFunction')).toBe(false);
  });

  it('may do what its checks need on what they name, and nothing else', () => {
    expect(added({ stateMachines: ['checkout'], functions: ['checks:live'], dashboards: ['Checkout'] })).toEqual([
      { Effect: 'Allow', Action: ['states:StartExecution'], Resource: [arn('states', 'stateMachine:checkout')] },
      { Effect: 'Allow', Action: ['states:DescribeExecution'], Resource: [arn('states', 'execution:checkout:*')] },
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [arn('lambda', 'function:checks:live')] },
      {
        Effect: 'Allow',
        Action: ['cloudwatch:GetDashboard'],
        Resource: [`arn:aws:cloudwatch::${prod.account}:dashboard/Checkout`],
      },
    ]);
  });
});
