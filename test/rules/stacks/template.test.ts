import fc from 'fast-check';
import { asciiJson, comparedWith, isTemplateAsSent, mayShowAs, parseTemplate } from '../../../rules/stacks/template';

/** As CloudFormation shows a template. */
const shownAs = (sent: string): string => sent.replace(/[^\p{ASCII}]/gu, '?');
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('Grüße', '東京 — ?', '😀', '"?\\', ''),
);
const anyTemplate = fc
  .dictionary(anyText, fc.oneof(anyText, fc.array(anyText), fc.integer(), fc.boolean()))
  .map((value) => JSON.stringify(value, undefined, 2));

describe('a template in ASCII', () => {
  it('is shown as it was sent, and means the same', () => {
    fc.assert(
      fc.property(anyTemplate, (json) => {
        const sent = asciiJson(json);
        expect(shownAs(sent)).toBe(sent);
        expect(isTemplateAsSent(sent)).toBe(true);
        expect(JSON.parse(sent)).toEqual(JSON.parse(json));
        expect(asciiJson(sent)).toBe(sent);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a template that CloudFormation shows', () => {
  it('is known to be what was sent only when nothing else is shown like it', () => {
    fc.assert(
      fc.property(anyTemplate, (json) => {
        expect(mayShowAs(json, shownAs(json))).toBe(true);
        if (isTemplateAsSent(shownAs(json))) expect(JSON.parse(json)).toEqual(JSON.parse(shownAs(json)));
      }),
      { numRuns: 2_000 },
    );
    expect(isTemplateAsSent('{"a":"Is it ?"}')).toBe(false);
    expect(isTemplateAsSent('# why?\na: b # ?\n')).toBe(true);
    expect(isTemplateAsSent('a: b?\n')).toBe(false);
    expect(isTemplateAsSent('a: [?\n\t}')).toBe(false);
  });

  it('is compared with another one without calling different what may be the same', () => {
    const shown = { Resources: { One: { Value: 'Gr??e ? ??', Other: 'plain', List: ['?', 'b'] } } };
    const wanted = { Resources: { One: { Value: 'Grüße — 東京', Other: 'changed', List: ['ä', 'c', 'd'] } } };
    expect(comparedWith(shown, wanted)).toEqual({
      template: { Resources: { One: { Value: 'Grüße — 東京', Other: 'plain', List: ['ä', 'b'] } } },
      unsure: 2,
    });
    expect(comparedWith({ Value: 'Gr??e' }, { Value: 'Grau' }).unsure).toBe(0);
    expect(comparedWith({ Value: 'why?' }, { Value: 'why?' })).toEqual({ template: { Value: 'why?' }, unsure: 0 });
    expect(comparedWith({ a: '?' }, { a: { Ref: 'ä' } })).toEqual({ template: { a: '?' }, unsure: 0 });
  });
});

describe('a template in YAML', () => {
  it('means the same as in JSON, with the short forms of its functions', () => {
    const yaml = `
AWSTemplateFormatVersion: 2010-09-09
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  One: &one
    Type: AWS::SSM::Parameter
    Condition: IsProd
    Properties:
      Name: !Sub '/one/\${AWS::Region}'
      Value: !Join ['-', [!GetAtt Two.Arn, !GetAtt [Two, Nested.Name], !ImportValue other]]
      Description: !If [IsProd, !FindInMap [Map, !Ref 'AWS::Region', name], !Select [0, !GetAZs '']]
      Code: !Base64
        Fn::Sub:
          - 'a \${b}'
          - { b: !Condition IsProd }
      Empty:
  Two: *one
`;
    const one = {
      Type: 'AWS::SSM::Parameter',
      Condition: 'IsProd',
      Properties: {
        Name: { 'Fn::Sub': '/one/${AWS::Region}' },
        Value: {
          'Fn::Join': [
            '-',
            [
              { 'Fn::GetAtt': ['Two', 'Arn'] },
              { 'Fn::GetAtt': ['Two', 'Nested.Name'] },
              { 'Fn::ImportValue': 'other' },
            ],
          ],
        },
        Description: {
          'Fn::If': [
            'IsProd',
            { 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'name'] },
            { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
          ],
        },
        Code: { 'Fn::Base64': { 'Fn::Sub': ['a ${b}', { b: { Condition: 'IsProd' } }] } },
        Empty: null,
      },
    };
    expect(parseTemplate(yaml)).toEqual({
      AWSTemplateFormatVersion: '2010-09-09',
      Conditions: { IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
      Resources: { One: one, Two: one },
    });
  });

  it('that cannot be read is reported', () => {
    expect(() => parseTemplate('a: [1\nb: }')).toThrow(/^the template is neither JSON nor YAML: /);
  });
});
