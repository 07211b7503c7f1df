import { otherThan, type Variables } from './delivery';

interface Setting {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
}

interface Container {
  readonly name?: string | undefined;
  readonly environment?: readonly Setting[] | undefined;
}

/** The variables of one container; undefined when the task definition has no such container. */
export function variablesIn(
  containers: readonly Container[],
  container: string,
): Readonly<Record<string, string | undefined>> | undefined {
  const found = containers.find(({ name }) => name === container);
  if (found === undefined) return undefined;
  return Object.fromEntries((found.environment ?? []).map(({ name = '', value }) => [name, value]));
}

/** The containers with the variables of one of them as wanted; the same list if they already are. */
export function withVariables<T extends Container>(
  containers: readonly T[],
  container: string,
  wanted: Variables,
): readonly T[] {
  if (otherThan(wanted, variablesIn(containers, container) ?? {}).length === 0) return containers;
  return containers.map((one) => {
    if (one.name !== container) return one;
    const kept = (one.environment ?? []).filter(({ name = '' }) => wanted[name] === undefined);
    return { ...one, environment: [...kept, ...Object.entries(wanted).map(([name, value]) => ({ name, value }))] };
  });
}
