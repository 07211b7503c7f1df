import fc from 'fast-check';
import { parseEndedExecution } from '../../../../rules/rollout/outside/ended-execution';
import { ALARM_EVENT, STATES_EVENT } from '../../../helpers/samples/events';

const { detail } = STATES_EVENT;
const withDetail = (changes: object): string => JSON.stringify({ ...STATES_EVENT, detail: { ...detail, ...changes } });
const read = {
  stateMachine: 'state-machine-name',
  region: 'us-east-1',
  account: '123456789012',
  execution: 'execution-name',
  status: 'FAILED',
  atMs: 1551225151881,
};

describe('the end of an execution', () => {
  it.each<[string, string, object]>([
    ['as Step Functions writes it', withDetail({}), read],
    ['in an SNS envelope', JSON.stringify({ Type: 'Notification', Message: withDetail({}) }), read],
    ['that timed out', withDetail({ status: 'TIMED_OUT' }), { ...read, status: 'TIMED_OUT' }],
    ['that was aborted', withDetail({ status: 'ABORTED' }), { ...read, status: 'ABORTED' }],
    ['without its name', withDetail({ executionArn: 7 }), { ...read, execution: '' }],
  ])('is read %s', (_case, body, wanted) => expect(parseEndedExecution(body)).toEqual(wanted));

  it.each<[string, string]>([
    ['a success', withDetail({ status: 'SUCCEEDED' })],
    ['a start', withDetail({ status: 'RUNNING', stopDate: null })],
    ['a status that does not exist', withDetail({ status: 'GONE' })],
    ['no time', withDetail({ stopDate: undefined })],
    ['no state machine', withDetail({ stateMachineArn: undefined })],
    ['an ARN that is none', withDetail({ stateMachineArn: 'orders' })],
    ['no detail', JSON.stringify({ ...STATES_EVENT, detail: null })],
    ['an event of an alarm', JSON.stringify(ALARM_EVENT)],
    ['text', 'hello'],
    ['null', 'null'],
  ])('is not read from %s', (_case, body) => expect(parseEndedExecution(body)).toBeUndefined());

  it('never throws, whatever is in the queue', () => {
    fc.assert(
      fc.property(fc.anything(), (detail) => {
        expect(() => parseEndedExecution(JSON.stringify({ ...STATES_EVENT, detail }))).not.toThrow();
      }),
    );
  });
});
