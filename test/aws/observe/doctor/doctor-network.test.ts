import { PutDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { createAwsFor } from '../../../../activities/aws';
import { createExaminations } from '../../../../activities/observe/doctor/examine';
import type { DoctorReport, Finding } from '../../../../rules/doctor/doctor-report';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { type AwsProxy, passOn, relay, startAwsProxy } from '../../../helpers/aws/aws-proxy';
import { aPlan, HOUR_MS } from '../../../helpers/samples/plans';

/* What the network and the clocks between the doctor and AWS do to what it says. */
const emulator = process.env['AWS_ENDPOINT_URL']!;
const nextAccount = freshAccounts(3);
let proxy: AwsProxy;

afterEach(async () => {
  process.env['AWS_ENDPOINT_URL'] = emulator;
  await proxy.close();
});

async function examined(aws: ReturnType<typeof nextAccount>): Promise<readonly Finding[]> {
  process.env['AWS_ENDPOINT_URL'] = proxy.url;
  const { examine } = createExaminations(createAwsFor(), { cluster: '' });
  const plan = aPlan({ aws, watch: { ...aPlan().watch, alarms: [], dashboard: 'PAVI-prod' } });
  const asked = activityEnvironment().run(examine, { plan, workflowId: 'rollout-pavi-prod' });
  return ((await asked) as DoctorReport).findings;
}

it("compares the clock with AWS's", async () => {
  proxy = await startAwsProxy((passed, answer) => {
    void passOn(emulator, passed).then((response) => {
      const date = new Date(Date.now() - HOUR_MS).toUTCString();
      answer.writeHead(response.statusCode ?? 500, { ...response.headers, date });
      response.pipe(answer);
    });
  });
  const clock = (await examined(nextAccount())).find(({ subject }) => subject === 'clock');
  const off = /^(3599 s|3600 s|1 h) ahead of AWS$/;
  expect(clock).toMatchObject({ level: 'problem', what: expect.stringMatching(off) });
});

it.each([
  ['asks once more for what AWS leaves unanswered', 1, 'ok'],
  ['reports what stays unanswered as not checked', 9, 'problem'],
])('%s', async (_name, unanswered, level) => {
  const aws = nextAccount();
  const body = JSON.stringify({ widgets: [] });
  const put = new PutDashboardCommand({ DashboardName: 'PAVI-prod', DashboardBody: body });
  await createAwsFor()(aws).cloudwatch.send(put);
  let heard = 0;
  proxy = await startAwsProxy((passed, answer) => {
    const isAsked = /GetDashboard/.test(`${passed.url} ${String(passed.headers['x-amz-target'])} ${passed.body}`);
    if (isAsked && (heard += 1) <= unanswered) answer.destroy();
    else relay(emulator, passed, answer);
  });
  const dashboard = (await examined(aws)).find(({ subject }) => subject === 'dashboard PAVI-prod');
  expect([dashboard?.level, heard]).toEqual([level, 2]);
});
