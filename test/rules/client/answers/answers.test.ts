import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerSchemas, withAnswers } from '../../../../client/answers/answer-schemas';
import { schemaId } from '../../../../client/answers/schema-id';
import { jsonLine } from '../../../../client/terminal/output';
import { checkAnswer, checkedAnswer, publishedSchemas } from '../../../helpers/answers';

const refused = { error: 'Refused (state): it runs.', exitCode: 3, rule: 'state', why: 'it runs' } as const;

describe('the schemas of the answers', () => {
  it('are what the types of the answers give; write them again with npm run schema', () => {
    const made = answerSchemas();
    const published = [...publishedSchemas().values()].toSorted((a, b) =>
      String(a['$id']) < String(b['$id']) ? -1 : 1,
    );
    expect(published).toEqual(
      [...made.values()].toSorted((a, b) => (String(a.$id) < String(b.$id) ? -1 : 1)).map((one) => ({ ...one })),
    );
    const page = readFileSync(join(__dirname, '../../../../docs/json.md'), 'utf8');
    const cells = (text: string): string => text.replace(/ +| *-+ *\|/g, ' ');
    expect(cells(page)).toBe(cells(withAnswers(page, made)));
  });

  it('accept what a verb prints, and name it', () => {
    const line = jsonLine('lint', { file: 'rollout.yaml', environments: [{ environment: 'prod', planHash: 'abc' }] });
    expect(JSON.parse(line)).toMatchObject({ $schema: 'urn:rollout-orchestrator:answer:lint:1', file: 'rollout.yaml' });
    expect(checkedAnswer(line)).not.toHaveProperty('$schema');
    expect(checkedAnswer(jsonLine('error', { ...refused, confirmed: false }))).toHaveProperty('confirmed', false);
  });

  it.each([
    ['a key is missing', { file: 'rollout.yaml' }, "must have required property 'environments'"],
    ['a value has another type', { file: 7, environments: [] }, '/file must be string'],
    ['a key is not declared', { file: 'a', environments: [], more: 1 }, '"additionalProperty":"more"'],
    [
      'a key further down is not declared',
      { file: 'a', environments: [{ environment: 'prod', planHash: 'a', more: 1 }] },
      '/environments/0 must NOT have additional properties',
    ],
  ])('refuse an answer in the tests where %s', (_case, answer, why) => {
    expect(() => checkAnswer({ $schema: schemaId('lint'), ...answer })).toThrow(why);
  });

  it('are named by every answer that a test reads', () => {
    expect(() => checkAnswer({ file: 'a', environments: [] })).toThrow('no schema is named undefined');
  });
});
