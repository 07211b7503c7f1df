import { ecrImage, imageWords, movedImages, type TaggedImage, taggedImages } from '../../../rules/stacks/images';
import { type SynthesizedStack, templateHash } from '../../../rules/stacks/synthesis';

const around = { account: '333333333333', region: 'eu-west-1', parameters: { Tag: 'main', Pinned: 'x@sha256:0' } };
const template = (...images: readonly unknown[]): string =>
  JSON.stringify({ Resources: Object.fromEntries(images.map((Image, i) => [`R${i}`, { Image }])) });
const found = (image: unknown, region = around.region): readonly string[] =>
  taggedImages('S', template(image), { ...around, region }).map(({ image: name }) => name);
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const one = (more: Partial<TaggedImage> = {}): TaggedImage => ({ stack: 'S', image: 'repo:main', ...more });

describe('images that a tag names', () => {
  const joined = (...parts: readonly unknown[]) => ({ 'Fn::Join': ['', parts] });
  it.each<[string, unknown, readonly string[]]>([
    [
      'as CDK writes them for ECR',
      joined('100225593120.dkr.ecr.us-east-1.', { Ref: 'AWS::URLSuffix' }, '/agr/seq:main'),
      ['100225593120.dkr.ecr.us-east-1.amazonaws.com/agr/seq:main'],
    ],
    [
      'of the own account and region, by a parameter',
      { 'Fn::Sub': '${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/repo:${Tag}' },
      ['333333333333.dkr.ecr.eu-west-1.amazonaws.com/repo:main'],
    ],
    ['of a parameter that names a digest', { Ref: 'Pinned' }, []],
    ['of an unknown reference', joined({ Ref: 'Repo' }, ':main'), ['${Repo}:main']],
  ])('%s', (_name, image, expected) => expect(found(image)).toEqual(expected));

  it('end otherwise in China', () => {
    expect(found(joined('1.dkr.ecr.cn-north-1.', { Ref: 'AWS::URLSuffix' }, '/r:1'), 'cn-north-1')).toEqual([
      '1.dkr.ecr.cn-north-1.amazonaws.com.cn/r:1',
    ]);
  });
});

describe('an image of ECR', () => {
  const host = '100225593120.dkr.ecr.us-east-1.amazonaws.com';
  const place = { account: '100225593120', region: 'us-east-1' };
  it.each<[string, ReturnType<typeof ecrImage>]>([
    [`${host}/agr/seq:main`, { ...place, repository: 'agr/seq', tag: 'main' }],
    [`${host}/seq`, { ...place, repository: 'seq', tag: 'latest' }],
    [`${host}/\${Repo}:main`, undefined],
    [`${host}/seq:…`, undefined],
    ['public.ecr.aws/x/seq:main', undefined],
    ['docker.io/library/bash:5', undefined],
    [`${host}.example.org/seq:main`, undefined],
  ])('%s', (image, expected) => expect(ecrImage(image)).toEqual(expected));
});

describe('what is approved', () => {
  const stack: SynthesizedStack = { name: 'S', template: {}, parameters: {}, tags: {} };
  const hash = (...images: readonly TaggedImage[]): string => templateHash([stack], images);

  it('is another template when a tag means another image, and the same when it means the same', () => {
    expect(hash(one({ digest: digest('a') }))).toBe(hash(one({ digest: digest('a') })));
    const hashes = [hash(), hash(one({ digest: digest('a') })), hash(one({ digest: digest('b') }))];
    expect(new Set(hashes).size).toBe(3);
  });

  it('does not depend on why a digest is not known', () => {
    expect(hash(one({ why: 'x' }))).toBe(hash());
  });

  it.each<[TaggedImage, string]>([
    [one({ digest: digest('a') }), 'S: repo:main, now sha256:aaaaaaaaaaaa'],
    [one({ why: 'it is no image of ECR' }), 'S: repo:main, NOT RESOLVED to a digest: it is no image of ECR'],
    [one(), 'S: repo:main'],
  ])('is reported as such', (image, words) => expect(imageWords(image)).toBe(words));
});

describe('tags that were moved', () => {
  const meant = 'S: repo:main meant sha256:aaaaaaaaaaaa before the last deployment';
  it.each<[string, Partial<TaggedImage>, Partial<TaggedImage> | undefined, readonly string[]]>([
    ['are none when they mean the same', { digest: digest('a') }, { digest: digest('a') }, []],
    ['are none that were unknown before', { why: 'x' }, { digest: digest('b') }, []],
    [
      'are reported with both digests',
      { digest: digest('a') },
      { digest: digest('b') },
      [`${meant} and means sha256:bbbbbbbbbbbb now: deploying the template restores the tag, not that image`],
    ],
    [
      'are reported as not known when ECR does not answer',
      { digest: digest('a') },
      { why: 'no such tag' },
      [`${meant}; what it means now is NOT KNOWN: no such tag`],
    ],
    [
      'are reported as not known without a read',
      { digest: digest('a') },
      undefined,
      [`${meant}; what it means now is NOT KNOWN: it was not read`],
    ],
  ])('%s', (_name, before, now, expected) =>
    expect(movedImages([one(before)], now === undefined ? [] : [one(now)])).toEqual(expected),
  );
});
