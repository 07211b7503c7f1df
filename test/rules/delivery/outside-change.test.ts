import { classifyOutsideChange, oursIn, type Others } from '../../../rules/delivery/outside-change';

const wanted = { USE: 'true', ON: 'true', PCT: '25' };
const before = { USE: 'true', ON: 'true', PCT: '10' };
const lowered = { USE: 'false', ON: 'true', PCT: '25' };
const at = (found: Others['found'], means: number | undefined, more: Partial<Others> = {}): Others => ({
  ...{ found, means, percentage: 25, wanted, mayBeTakenBack: false },
  ...more,
});
const ECS = { mayBeTakenBack: true };

describe('the variables of an API during the delivery of 25 %', () => {
  it.each([
    ['are set over what was delivered before', at(before, 10), { from: 10 }, 'may-be-set'],
    ['are set over what says nothing', at({}, undefined), {}, 'may-be-set'],
    ['are set over anything that is not below what was delivered before', at({ PCT: '80' }, 80), {}, 'may-be-set'],
    ['are not set over what is below it', at({ ...before, USE: 'false' }, 0), { from: 10 }, 'lowered'],
    ['are set again when AWS did not take them', at(before, 10), { from: 10, before }, 'may-be-set'],
    [
      'are not set over a switch that was turned off, though ours was never seen',
      at(lowered, 0),
      { before },
      'lowered',
    ],
    ['are not set over a switch that was turned off', at(lowered, 0), { before, stood: true }, 'lowered'],
    ['are not set over a lower number', at({ ...wanted, PCT: '5' }, 5), { before, stood: true }, 'lowered'],
    ['are not set over a higher one', at({ ...wanted, PCT: '80' }, 80), { before, stood: true }, 'changed'],
    ['are not set over none at all', at({}, undefined), { before, stood: true }, 'changed'],
    ['are lowered by a writer that sets the earlier ones', at(before, 10), { before, stood: true }, 'lowered'],
    ['may have been taken back by ECS itself', at(before, 10, ECS), { before, stood: true }, 'changed'],
    ['are lowered on ECS too by a switch', at(lowered, 0, ECS), { before, stood: true }, 'lowered'],
    ['were not there before, and are not again', at({ OTHER: 'x' }, undefined), { before: {} }, 'may-be-set'],
  ] as const)('%s', (_what, others, progress, hand) => expect(classifyOutsideChange(others, progress)).toBe(hand));

  it('are set to 0 % over any other writer', () => {
    const zero = { percentage: 0, wanted: { USE: 'false', ON: 'false', PCT: '0' } };
    for (const found of [before, wanted, lowered, {}])
      expect(classifyOutsideChange(at(found, 25, zero), { from: 50, before, stood: true })).toBe('may-be-set');
  });

  it('are remembered without what is not ours', () =>
    expect(oursIn(wanted, { USE: 'false', OTHER: 'kept' })).toEqual({ USE: 'false' }));
});
