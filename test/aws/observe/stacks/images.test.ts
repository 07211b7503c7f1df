import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { CreateRepositoryCommand, PutImageCommand } from '@aws-sdk/client-ecr';
import { join, resolve } from 'node:path';
import { createKeepActivities, type Kept } from '../../../../activities/act/keep-stacks';
import { createStackActivities } from '../../../../activities/act/stacks/stack';
import { type AwsClients, createAwsFor } from '../../../../activities/aws';
import { imagesOf } from '../../../../activities/observe/stacks/images';
import { createKeptImages } from '../../../../activities/observe/stacks/kept-images';
import { createSyntheses } from '../../../../activities/observe/stacks/synthesis';
import type { AwsTarget } from '../../../../rules/plan/environment-plan';
import type { Synthesis } from '../../../../rules/stacks/synthesis';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const nextAccount = freshAccounts(4);
const awsFor = createAwsFor();
const { synthesize } = createSyntheses(awsFor);
const { deployStacks } = createStackActivities(awsFor, { pollMs: 50 });
const { keepStacks } = createKeepActivities(awsFor);
const { movedImagesOf } = createKeptImages(awsFor);

const ROOT = resolve(__dirname, '../../../..');
const PYTHON = join(ROOT, '.sandbox/venv-aws/bin/python');
const STACK = 'Other-staging';
type Account = ReturnType<typeof nextAccount>;
const imageIn = ({ account, region }: AwsTarget): string => `${account}.dkr.ecr.${region}.amazonaws.com/pavi:main`;
const infrastructureOf = (image: string) => ({
  app: `${PYTHON} test/helpers/apps/other-app.py value one ${image}`,
  directory: ROOT,
  stacks: [STACK],
});

/** Moves the tag, as `docker push` does. */
const push = async (aws: AwsTarget, content: string): Promise<void> => {
  const imageManifest = JSON.stringify({ schemaVersion: 2, content });
  await awsFor(aws)
    .ecr(aws.region)
    .send(new PutImageCommand({ repositoryName: 'pavi', imageTag: 'main', imageManifest }));
};
const withRepository = async (): Promise<Account> => {
  const aws = nextAccount();
  await awsFor(aws)
    .ecr(aws.region)
    .send(new CreateRepositoryCommand({ repositoryName: 'pavi' }));
  await push(aws, 'first');
  return aws;
};
const synthesis = (aws: AwsTarget, image = imageIn(aws)): Promise<Synthesis> =>
  activityEnvironment().run(synthesize, {
    ...{ infrastructure: infrastructureOf(image), aws },
    nextEnvironments: [{ environment: 'prod', aws, infrastructure: infrastructureOf(image) }],
  });

describe('a tag of an image in ECR', () => {
  it('is part of what is approved by what it means: moved, it is another template, which is not deployed', async () => {
    const aws = await withRepository();
    await bootstrapAccount(aws);
    const first = await synthesis(aws);
    expect(first.mutableImages).toEqual([
      expect.stringMatching(/^Other-staging: \d{12}\.dkr\..*\/pavi:main, now sha256:[0-9a-f]{12}$/),
    ]);
    expect(first.nextTemplates).toEqual({ prod: first.template });
    expect((await synthesis(aws)).template).toBe(first.template);
    await push(aws, 'second');
    const deploy = (approved: string) =>
      activityEnvironment().run(deployStacks, {
        ...{ infrastructure: infrastructureOf(imageIn(aws)), aws, approved, token: `t-${approved}` },
      });
    await expect(deploy(first.template)).rejects.toMatchObject({
      type: 'NotApproved',
      message: expect.stringMatching(/the app, or a tag of its images, makes template/),
    });
    const second = await synthesis(aws);
    expect(second.template).not.toBe(first.template);
    expect(await deploy(second.template)).toMatchObject({ stacks: [{ outcome: 'created' }] });
  });

  it('is kept with what it meant before a deployment, and told on the way back when it means something else', async () => {
    const aws = await withRepository();
    await bootstrapAccount(aws);
    const TemplateBody = JSON.stringify({
      Resources: {
        One: {
          Type: 'AWS::SSM::Parameter',
          Properties: { Type: 'String', Name: '/one', Value: '1' },
          Metadata: { Image: { 'Fn::Sub': '${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/pavi:main' } },
        },
      },
    });
    await awsFor(aws).cloudformation.send(new CreateStackCommand({ StackName: STACK, TemplateBody }));
    const order = { aws, service: 'pavi', environment: 'staging', stacks: [STACK], workflowId: 'w', runId: 'r' };
    const { deployment: kept, mutableImages }: Kept = await activityEnvironment().run(keepStacks, order);
    expect(mutableImages).toEqual([expect.stringContaining(', now sha256:')]);
    expect(await movedImagesOf({ aws, kept })).toEqual([]);
    await push(aws, 'second');
    expect(await movedImagesOf({ aws, kept })).toEqual([
      expect.stringMatching(/pavi:main meant sha256:\w{12} before the last deployment and means sha256:\w{12} now/),
    ]);
  });
});

describe('what is not resolved', () => {
  const image = (aws: AwsTarget, name: string) => imageIn(aws).replace('pavi:main', name);
  const looked = (aws: AwsTarget, name: string) =>
    imagesOf(awsFor(aws), aws, [{ name: 'S', template: { Image: name }, parameters: {} }]);

  it.each<[string, (aws: AwsTarget) => string, RegExp]>([
    ['an image of another registry', () => 'docker.io/library/bash:5', /not an ECR image/],
    ['a tag that is not there', (aws) => image(aws, 'pavi:other'), /has no image with the tag other|ImageNotFound/],
    ['a repository that is not there', (aws) => image(aws, 'other:main'), /RepositoryNotFoundException/],
  ])('is reported with the reason: %s', async (_name, imageOf, why) => {
    const [found] = await looked(shared, imageOf(shared));
    expect(found?.digest).toBeUndefined();
    expect(found?.why).toMatch(why);
  });

  /** The emulator enforces no permissions and throttles no caller. */
  it.each([
    ['AccessDeniedException', { why: 'AccessDeniedException: by the test' }],
    ['ThrottlingException', undefined],
  ])('an answer %s of ECR is reported, or retried', async (name, expected) => {
    const send = (): Promise<never> => Promise.reject(Object.assign(new Error('by the test'), { name }));
    const clients = { ...awsFor(shared), ecr: () => ({ send }) } as unknown as AwsClients;
    const asked = imagesOf(clients, shared, [{ name: 'S', template: { Image: imageIn(shared) }, parameters: {} }]);
    if (expected !== undefined) expect(await asked).toMatchObject([expected]);
    else await expect(asked).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  });

  let shared: Account;
  beforeAll(async () => (shared = await withRepository()));
});
