/** What an item of the checklist was found to be. Unknown is not proved. Plain JSON. */
export interface Proved {
  readonly proved: boolean;
  /** In words, with the names and values it rests on. */
  readonly why: string;
  readonly atMs: number;
}
