/** What `npm run bench` passes to a bench. */
export interface BenchOptions {
  /** A smaller run of less than a minute. */
  readonly quick: boolean;
  /** How often to measure; each bench has its own number. */
  readonly rounds?: number;
  /** How many live rollouts, in place of the bench's own numbers. */
  readonly rollouts?: number;
  /** How long a bench may measure that measures as often as it can. */
  readonly budgetMs?: number;
}

/** What people read: a title, columns, rows, and what else there is to say. */
export interface BenchTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly notes?: readonly string[];
}

/** One bench. `--json` prints what `run` returns, with the bench's name and the machine. */
export interface Bench<Result extends object = object> {
  readonly run: (options: BenchOptions) => Promise<Result>;
  readonly table: (result: Result) => BenchTable;
}

/** A bench of any result, for the list of all. */
export const bench = <Result extends object>({ run, table }: Bench<Result>): Bench => ({
  run,
  table: (result) => table(result as Result),
});
