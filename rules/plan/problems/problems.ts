/** One problem in a plan: where it is, what is written, why it is wrong, what to write instead. */
export interface Problem {
  /** As `environments[1].name`; empty for the file as a whole. */
  readonly path: string;
  /** From 1. Absent when the problem is not in the file, for example a requested environment that it does not have. */
  readonly line?: number;
  readonly column?: number;
  /** As written in the file, on one line; absent when the key is missing. */
  readonly value?: string;
  /** Completes "<path> is <value>: …". */
  readonly problem: string;
  /** An instruction: "write …". */
  readonly remedy: string;
}

export type Path = readonly (string | number)[];

/** `['environments', 1, 'name']` as `environments[1].name`. */
export function pathText(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

/** One line a problem: `plans/x.yaml:12:5 steps[2].percentage is 20: must be more than 25; write …`. */
export function planProblems(file: string, problems: readonly Problem[]): string {
  return problems.map((problem) => planProblem(file, problem)).join('\n');
}

function planProblem(file: string, { path, line, column, value, problem, remedy }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return `${place} ${subject(path, value)}: ${problem}; ${remedy}`;
}

function subject(path: string, value: string | undefined): string {
  if (value === undefined) return path === '' ? 'the plan' : path;
  if (path === '') return value === '' ? 'the plan is empty' : `the plan has "${value}"`;
  return `${path} is ${value === '' ? 'empty' : value}`;
}
