import { dashboardMetrics } from '../../../rules/guards/dashboard-metrics';

const body = (...rows: unknown[]): string =>
  JSON.stringify({ widgets: [{ type: 'metric', properties: { region: 'us-east-1', metrics: rows } }] });
const read = (text: string) => dashboardMetrics(text, 'us-east-1');
const started = { namespace: 'AWS/States', metric: 'ExecutionsStarted', dimensions: { StateMachineArn: 'arn:1' } };
const row = ['AWS/States', 'ExecutionsStarted', 'StateMachineArn', 'arn:1', { stat: 'Sum' }];

describe('dashboardMetrics', () => {
  it.each<[string, unknown[], object[]]>([
    ['a row written out', [row], [started]],
    ['a metric without dimensions', [['Test', 'Jobs']], [{ namespace: 'Test', metric: 'Jobs', dimensions: {} }]],
    [
      'a dot for each repeated word',
      [row, ['.', 'ExecutionsFailed', '.', '.']],
      [started, { ...started, metric: 'ExecutionsFailed' }],
    ],
    [
      'three dots for all before the last',
      [row, ['...', 'arn:2']],
      [started, { ...started, dimensions: { StateMachineArn: 'arn:2' } }],
    ],
    ['three dots for everything, with other options', [row, ['...', { stat: 'Average' }]], [started]],
    [
      'an expression beside metrics',
      [[{ expression: 'a / b' }], row, [{ expression: 'a' }], ['...', 'arn:1']],
      [started],
    ],
  ])('reads %s', (_name, rows, expected) => expect(read(body(...rows))).toEqual(expected));

  it('names a metric of two widgets once, and none of another region', () => {
    const { widgets } = JSON.parse(body(row)) as { widgets: object[] };
    const elsewhere = { properties: { region: 'eu-west-1', metrics: [['Test', 'Jobs']] } };
    const other = [...widgets, { type: 'alarm', properties: { alarms: [] } }, { type: 'text' }, elsewhere, ...widgets];
    expect(read(JSON.stringify({ widgets: other }))).toEqual([started]);
  });

  it.each(['', '[]', '{}', '{"widgets":3}', 'null'])('takes %j for no dashboard', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
