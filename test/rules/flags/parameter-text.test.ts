import { flagForms, formatFlags, parseFlags } from '../../../flags/contract';
import { fitting, parameterText, PARAMETER_BYTES, shortened, writeFitting } from '../../../flags/parameter-text';
import { zeroOver } from '../../../flags/zero';
import { foreignText, numbers } from '../../helpers/samples/foreign-texts';
import { refusalBySsm } from '../../helpers/aws/ssm-rules';

const TEXTS = 100_000;
const SEED = 10;

/** What any reader gets for half of a surrogate pair. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

it(`writes a zero that SSM takes with any of ${TEXTS} texts as the reason, the writer and the salt`, () => {
  const next = numbers(SEED);
  for (let index = 0; index < TEXTS; index += 1) {
    const reason = foreignText(next);
    const order =
      index % 3 === 0 ? { writer: reason, salt: reason } : { writer: 'break-glass by ada', salt: 'pavi-prod' };
    const text = formatFlags(zeroOver(undefined, { ...order, reason, above: 3, nowMs: 1_800_000_000_000 }));
    const refused = refusalBySsm(text);
    const parsed = parseFlags(text);
    if (refused !== undefined || !parsed.ok || parsed.document.percentage > 0)
      throw new Error(`text ${index} of seed ${SEED}: ${refused ?? JSON.stringify(parsed)}\n${JSON.stringify(reason)}`);
    const told = wellFormed(reason);
    if (told.length <= 200 && parsed.document.reason !== told) throw new Error(`text ${index}: told as ${text}`);
    if (!told.startsWith(parsed.document.reason)) throw new Error(`text ${index}: not its beginning: ${text}`);
  }
});

it('gives back every document, whatever is nested in it and whatever its keys are', () => {
  const next = numbers(SEED + 1);
  for (let index = 0; index < 5_000; index += 1) {
    const text = wellFormed(foreignText(next));
    const document = { a: { b: { c: [text, { d: {} }, [[]], { e: { [text]: text } }] } }, f: [{ g: { h: 1 } }] };
    const written = parameterText(document);
    expect(JSON.parse(written)).toEqual(document);
    expect(written).not.toMatch(/\{\{|\}\}|[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/u);
  }
});

it('leaves a document as it is that needs no escape', () => {
  const document = { schema: 1, reason: 'Müller says "ok" \\ 漢字', list: [1, true, null] };
  expect(parameterText(document)).toBe(JSON.stringify(document));
});

it('shortens every free text together, until the whole fits, and leaves them out in the last form', () => {
  const texts = ['ä'.repeat(900), '\0'.repeat(900), '{'.repeat(900), 'plain'];
  const forms = [...shortened((shorten) => ({ fixed: 'x'.repeat(1_000), texts: texts.map(shorten) }))];
  const text = fitting(forms)?.text ?? '';
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(PARAMETER_BYTES);
  expect(Buffer.byteLength(text)).toBeGreaterThan(2_000);
  expect(JSON.parse(text).texts[3]).toBe('plain');
  expect(forms.at(-1)).toEqual({ fixed: 'x'.repeat(1_000), texts: ['', '', '', ''] });
  expect(fitting([{ fixed: 'x'.repeat(5_000) }])).toBeUndefined();
});

it('keeps what decides in the bare flag document, and nothing that a person typed', () => {
  const document = { schema: 1, generation: 9, writer: 'wörker/{{1}}', reason: 'see {{ x }}', salt: 'pavi-ä' } as const;
  const bare = (percentage: number) => flagForms({ ...document, percentage }).at(-1);
  expect(bare(0)).toMatchObject({ schema: 1, generation: 9, writer: 'w?rker/??1??', salt: 'pavi-?', percentage: 0 });
  // Another salt would choose other jobs.
  expect(bare(25)).toMatchObject({ generation: 9, salt: 'pavi-ä', percentage: 25 });
  expect(bare(0)).toHaveProperty('reason', expect.stringMatching(/^left out/));
});

describe('writeFitting', () => {
  const forms = [{ text: 'full' }, { text: '' }];
  const refuse = (error: unknown) => {
    const sent: string[] = [];
    const put = (text: string): Promise<void> => {
      sent.push(text);
      return sent.length === 1 ? Promise.reject(error) : Promise.resolve();
    };
    return { sent, put };
  };
  const named = (name: string, httpStatusCode?: number) =>
    Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

  it.each([
    named('ValidationException', 400),
    named('ValidationException'),
    named('ParameterPatternMismatchException', 400),
    named('InvalidCharacters', 400),
    named('PayloadTooLarge', 413),
  ])('sends the bare document in the same attempt after $name', async (error) => {
    const { sent, put } = refuse(error);
    expect(await writeFitting(forms, put)).toBe('{"text":""}');
    expect(sent).toEqual(['{"text":"full"}', '{"text":""}']);
  });

  it.each([
    named('ThrottlingException', 400),
    named('AccessDeniedException', 400),
    named('ExpiredTokenException', 400),
    named('UnrecognizedClientException', 400),
    named('ParameterAlreadyExists', 400),
    named('ParameterMaxVersionLimitExceeded', 400),
    named('TooManyUpdates', 400),
    named('InternalServerError', 500),
    named('TimeoutError'),
    'no error at all',
  ])('leaves %s to who asked: other words would not help', async (error) => {
    const { sent, put } = refuse(error);
    await expect(writeFitting(forms, put)).rejects.toBe(error);
    expect(sent).toHaveLength(1);
  });

  it('tells a refusal of the bare document, and sends it once where there is nothing to leave out', async () => {
    const error = named('ValidationException', 400);
    const put = jest.fn(() => Promise.reject(error));
    await expect(writeFitting(forms, put)).rejects.toBe(error);
    expect(put).toHaveBeenCalledTimes(2);
    await expect(writeFitting([forms[1]], put)).rejects.toBe(error);
    expect(put).toHaveBeenCalledTimes(3);
  });
});
