/** How many faults there were, by kind and by what they hit. */
export class Counts {
  private readonly byKind = new Map<string, Map<string, number>>();

  add(kind: string, what: string | undefined): void {
    const counts = this.byKind.get(kind) ?? new Map<string, number>();
    this.byKind.set(kind, counts);
    const name = what ?? 'other';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  get total(): number {
    return this.all().reduce((sum, { count }) => sum + count, 0);
  }

  all(): readonly { readonly kind: string; readonly count: number; readonly of: Readonly<Record<string, number>> }[] {
    return [...this.byKind]
      .map(([kind, counts]) => ({
        kind,
        count: [...counts.values()].reduce((sum, one) => sum + one, 0),
        of: Object.fromEntries([...counts].sort()),
      }))
      .sort((a, b) => (a.kind < b.kind ? -1 : 1));
  }
}
