import { anApp } from '../../helpers/infra/an-app';
import { partsIn, tooLittle, tooMuch } from '../../helpers/infra/rights';

const parts = partsIn(anApp);

describe.each(parts.map((part) => [part.name, part] as const))('the rights of the %s', (_name, part) => {
  it('are all that its code asks of AWS', () => expect(tooLittle(part)).toEqual([]));
  it('are nothing that neither its code nor AWS needs', () => expect(tooMuch(part)).toEqual([]));
});
