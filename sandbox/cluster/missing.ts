/** What the machine must have for a cluster, and the sentence for each that it has not. Pure. */

export interface Machine {
  /** As `go1.26.8`; undefined without Go. */
  readonly go?: string;
  /** Whether Go may fetch a newer version of itself: its setting GOTOOLCHAIN. */
  readonly goMayUpdate: boolean;
  /** As `postgres (PostgreSQL) 15.18 …`; undefined without one that has initdb and pg_dump beside it. */
  readonly postgres?: string;
  readonly openssl: boolean;
  /** Whether the server is built already, so that Go is not needed. */
  readonly built: boolean;
  readonly isRoot: boolean;
  /** An account for the database, when this process is root. */
  readonly databaseAccount?: string;
}

export interface Needs {
  readonly go: string;
  readonly postgres: number;
  readonly temporalServer: string;
}

const FIRST_GO_THAT_UPDATES = '1.21';
const AGAIN = 'and run `npm run cluster` again';

/** All at once, in sentences for the person at the keyboard. */
export function missing(machine: Machine, needs: Needs): readonly string[] {
  return [goProblem(machine, needs), ...databaseProblems(machine, needs), opensslProblem(machine)].filter(
    (problem) => problem !== undefined,
  );
}

function goProblem({ go, goMayUpdate, built }: Machine, { go: wanted, temporalServer }: Needs): string | undefined {
  if (built) return undefined;
  const why = `Go ${wanted} or newer is needed to build Temporal's server ${temporalServer}`;
  const remedy = `install it from https://go.dev/dl (Debian and Ubuntu: apt install golang-go, where it is new enough) ${AGAIN}`;
  if (go === undefined) return `${why}, and no \`go\` was found: ${remedy}.`;
  const version = go.replace(/^go/, '');
  if (atLeast(version, wanted) || (goMayUpdate && atLeast(version, FIRST_GO_THAT_UPDATES))) return undefined;
  return `${why}, and this is ${version}: ${remedy}.`;
}

function databaseProblems(
  { postgres, isRoot, databaseAccount }: Machine,
  needs: Needs,
): readonly (string | undefined)[] {
  const why = `PostgreSQL ${needs.postgres} or newer is needed`;
  const remedy = `install it (Debian and Ubuntu: apt install postgresql; macOS: brew install postgresql@16) ${AGAIN}`;
  const version = /\d+(\.\d+)*/.exec(postgres ?? '')?.[0];
  const account =
    isRoot && databaseAccount === undefined
      ? `PostgreSQL does not run as root, and there is no account postgres or nobody to run it: run this as an ordinary user.`
      : undefined;
  if (version === undefined)
    return [
      `${why}, and its programs initdb, postgres, pg_ctl, pg_dump and pg_restore were not found: ${remedy}.`,
      account,
    ];
  return [atLeast(version, String(needs.postgres)) ? undefined : `${why}, and this is ${version}: ${remedy}.`, account];
}

const opensslProblem = ({ openssl }: Machine): string | undefined =>
  openssl
    ? undefined
    : `\`openssl\` is needed to make certificates and was not found: install it (Debian and Ubuntu: apt install openssl) ${AGAIN}.`;

/** Compares versions by their numbers; a missing number is 0. */
export function atLeast(version: string, wanted: string): boolean {
  const numbers = (text: string): number[] => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [own, other] = [numbers(version), numbers(wanted)];
  const at = other.findIndex((number, index) => (own[index] ?? 0) !== number);
  return at === -1 || (own[at] ?? 0) > (other[at] ?? 0);
}
