import {
  fieldsFor,
  type FlagFields,
  type FlagFormat,
  formatFlags,
  murmur3,
  parseFlags,
  routerFor,
  STANDARD_KEYS,
} from '../../flags';
import { LastGood } from '../../flags/last-good';
import { parameterText } from '../../flags/parameter-text';
import { PAVI_KEYS } from '../../pavi/flag';

/** PAVI's documents × job ids → backend. Any implementation of PAVI's reader can be tested with them. */
export interface GoldenVectors {
  readonly about: string;
  readonly jobIds: readonly string[];
  readonly documents: readonly {
    /** The parameter's value. A reader that has read nothing but a refused one sends every job to Nextflow. */
    readonly text: string;
    /** A character per job id, in their order: `s` is Step Functions, `n` Nextflow. */
    readonly backends: string;
  }[];
}

const ABOUT =
  'Where a new job runs: one row per document and job id. text: the value of the flag parameter; backends: a character per job id, in their order, s for Step Functions, n for Nextflow. A reader that has read nothing but a text it must refuse sends every job to Nextflow. Written by npm run vectors.';

/** The same for any service: each row has its format. */
export interface NeutralVectors {
  readonly about: string;
  readonly jobIds: readonly string[];
  readonly rows: readonly {
    /** The plan's `flag.keys` as readers take it, or `number`. */
    readonly format: FlagFormat;
    /** The salt of a plain number; a document has its own. */
    readonly salt: string;
    readonly text: string;
    /** A character per job id, in their order: `n` is the new side, `o` the old one. */
    readonly sides: string;
  }[];
}

const NEUTRAL =
  'Which side a new job goes to: one row per format, value of the flag parameter and job id. sides: a character per job id, in their order, n for the new side, o for the old one. A reader that has read nothing but a text it must refuse sends every job to the old side. Written by npm run vectors.';

const NAMED: FlagFormat = {
  percentage: 'CHECKOUT_V2_PERCENT',
  switches: [
    { name: 'CHECKOUT_V2', above: 'on', atZero: 'off', whileOff: 0 },
    { name: 'CHECKOUT_V2_COUNTS', above: 1, atZero: 0, whileOff: 100 },
  ],
};

export function neutralVectors(): NeutralVectors {
  const jobIds = allJobIds();
  const rows = [STANDARD_KEYS, NAMED, 'number' as const].flatMap((format) =>
    textsOf(format).map((text) => ({ format, salt: 'shop-prod', text, sides: sidesOf(format, text, jobIds) })),
  );
  return { about: NEUTRAL, jobIds, rows };
}

export const neutralText = (): string => `${JSON.stringify(neutralVectors(), null, 2)}\n`;

function textsOf(format: FlagFormat): readonly string[] {
  const common = { schema: 1, generation: 7, writer: 'rollout', reason: 'golden', salt: 'shop-prod' } as const;
  const written = PERCENTAGES.map((percentage) => formatFlags({ ...common, percentage }, format));
  const at50 = formatFlags({ ...common, percentage: 50 }, format);
  if (format === 'number') return [...written, ' 50\n', '50.0', '100.01', '-1', '1e2', '', '"50"', 'NaN'];
  const others = JSON.stringify({ theme: 'dark', ...(JSON.parse(at50) as object), limits: { perUser: 3 } });
  const spoilt = [at50.replace(/50/, '"50"'), at50.replace('"schema":1', '"schema":2'), '{"percentage":50}', '50'];
  const switched = [at50.replace('"on"', '"off"'), at50.replace('COUNTS":1', 'COUNTS":0')];
  const unknown = [at50.replace('"on"', 'true'), at50.replace('COUNTS":1', 'COUNTS":true')];
  return [...written, others, ...spoilt, ...(format.switches === undefined ? [] : [...switched, ...unknown])];
}

function sidesOf(format: FlagFormat, text: string, jobIds: readonly string[]): string {
  const held = new LastGood({ format, salt: 'shop-prod' });
  held.offer(text, 0);
  return jobIds.map((jobId) => (held.isNew(jobId) ? 'n' : 'o')).join('');
}

const SALTS = ['pavi-dev', 'pavi-staging', 'pavi-prod', '', 'a:b', 'é🧬'];
const PERCENTAGES = [0, 0.01, 0.02, 0.1, 1, 1.1, 9.99, 10, 25, 33.33, 50, 66.67, 75, 90, 99, 99.99, 100];

export function goldenVectors(): GoldenVectors {
  const jobIds = allJobIds();
  const texts = [...plain(), ...switches(), ...unusual(), ...refused()];
  return { about: ABOUT, jobIds, documents: texts.map((text) => ({ text, backends: backends(text, jobIds) })) };
}

/** As it is checked in; prettier would write it in the same way. */
export function goldenText(): string {
  return `${JSON.stringify(goldenVectors(), null, 2)}\n`;
}

export function rowsOf({ jobIds, documents }: GoldenVectors): number {
  return jobIds.length * documents.length;
}

function backends(text: string, jobIds: readonly string[]): string {
  const parsed = parseFlags(text, PAVI_KEYS);
  const goes = parsed.ok ? routerFor(parsed.document) : () => false;
  return jobIds.map((jobId) => (goes(jobId) ? 's' : 'n')).join('');
}

const tupleFor = (percentage: number): FlagFields => fieldsFor(percentage, PAVI_KEYS);

function documentOf(extra: FlagFields): FlagFields {
  return {
    schema: 1,
    generation: 7,
    writer: 'rollout',
    reason: 'golden',
    salt: 'pavi-prod',
    ...tupleFor(50),
    ...extra,
  };
}

function plain(): string[] {
  return SALTS.flatMap((salt) =>
    PERCENTAGES.map((percentage) => JSON.stringify(documentOf({ salt, ...tupleFor(percentage) }))),
  );
}

function switches(): string[] {
  const rows: readonly (readonly [use: boolean, enable: boolean, percentage: number])[] = [
    [false, false, 100],
    [false, true, 50],
    [true, false, 0],
    [true, false, 10],
    [true, true, 0],
    [false, true, 0],
  ];
  return rows.map(([use, enable, percentage]) =>
    parameterText(
      documentOf({
        USE_STEP_FUNCTIONS: use,
        ENABLE_STEP_FUNCTIONS_ROLLOUT: enable,
        STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: percentage,
      }),
    ),
  );
}

/** Valid, though no writer of ours writes them so. */
function unusual(): string[] {
  const turned = Object.fromEntries(Object.entries(documentOf({})).reverse());
  const fine = (percentage: number): string => parameterText(documentOf(tupleFor(percentage)));
  const spelt = (generation: string): string => fine(50).replace('"generation":7', `"generation":${generation}`);
  return [
    JSON.stringify({ ...turned, note: 'by hand' }, null, 2),
    spelt('1.2e3'),
    fine(12.345),
    fine(99.996),
    fine(0.004),
  ];
}

function refused(): string[] {
  const text = parameterText(documentOf(tupleFor(100)));
  return [
    '',
    '100',
    `[${text}]`,
    text.slice(0, -1),
    text.replace('"schema":1', '"schema":2'),
    text.replace('"schema":1', '"schema":true'),
    text.replace('"generation":7', '"generation":-1'),
    text.replace('"generation":7', '"generation":9007199254740992'),
    text.replace('true', '"true"'),
    text.replace(':100}', ':"100"}'),
    text.replace(':100}', ':100.01}'),
    text.replace(':100}', ':NaN}'),
  ];
}

function allJobIds(): string[] {
  const special = [
    '',
    'a',
    'ab',
    'abc',
    'abcd',
    'abcde',
    '0',
    'null',
    ' ',
    'a:b',
    '"',
    '\n',
    '\u0000',
    '\u007f',
    '\u0080',
  ];
  const wide = [
    'ü',
    'u\u0308',
    '\u07ff',
    '\u0800',
    '基因',
    '\uffff',
    '🧬',
    'job-🧬-1',
    'x'.repeat(300),
    'é'.repeat(101),
  ];
  const uuids = Array.from({ length: 55 }, (_, index) => uuidOf(index));
  return [...special, ...wide, ...uuids];
}

/** Made from a counter, as PAVI's ids: versions 1 and 4 in turn. */
function uuidOf(index: number): string {
  const hex = [0, 1, 2, 3].map((seed) => murmur3(String(index), seed).toString(16).padStart(8, '0')).join('');
  const version = index % 2 === 0 ? '4' : '1';
  return [hex.slice(0, 8), hex.slice(8, 12), version + hex.slice(13, 16), `a${hex.slice(17, 20)}`, hex.slice(20)].join(
    '-',
  );
}
