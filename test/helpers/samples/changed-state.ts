type Groups<State> = { readonly [Key in keyof State]?: State[Key] extends object ? Partial<State[Key]> : State[Key] };

/** A state in groups with other values: a group that is named keeps its values that are not. */
export function changed<State extends object>(state: State, changes: Groups<State>): State {
  const next = { ...state } as Record<string, unknown>;
  for (const [key, value] of Object.entries(changes)) {
    const before = next[key];
    next[key] = isGroup(before) && isGroup(value) ? { ...before, ...value } : value;
  }
  return next as State;
}

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
