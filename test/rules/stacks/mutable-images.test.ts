import { mutableImages } from '../../../rules/stacks/mutable-images';

const digest = `repo@sha256:${'0'.repeat(64)}`;
const template = (image: unknown): string =>
  JSON.stringify({ Resources: { Job: { Properties: { ContainerProperties: { Image: image } } } } });

describe('images that may change without a deployment', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a tag', 'repo:main', ['repo:main']],
    ['no tag, which means latest', 'repo', ['repo']],
    ['a digest', digest, []],
    ['a tag beside a digest', `repo:main@sha256:${'0'.repeat(64)}`, []],
    [
      'a joined name',
      { 'Fn::Join': ['', [{ Ref: 'Account' }, '.dkr.ecr/', 'repo:main']] },
      ['${Account}.dkr.ecr/repo:main'],
    ],
    ['a substituted name', { 'Fn::Sub': '${AWS::AccountId}/repo:1' }, ['${AWS::AccountId}/repo:1']],
    ['a structure of another kind', { Tag: 'x' }, []],
  ])('%s', (_name, image, expected) => expect(mutableImages(template(image))).toEqual(expected));

  it('are found in YAML too', () => {
    expect(mutableImages(`Resources:\n  Job:\n    Image: repo:main\n    ImageUri: ${digest}\n`)).toEqual(['repo:main']);
  });
});
