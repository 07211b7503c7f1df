import { firstCharacters } from './format';

/** A search attribute by which Temporal lists rollouts, releases and deployments. */
export interface ListedAttribute {
  readonly name: string;
  readonly type: string;
}

/** As Temporal's command line writes it: `Keyword`. */
export const typeWord = ({ type }: Pick<ListedAttribute, 'type'>): string =>
  type.charAt(0) + type.slice(1).toLowerCase();

/** PostgreSQL and MySQL keep 255 characters of a keyword, and a longer one fails the workflow task. */
const LONGEST_KEYWORD = 200;
export const keyword = (text: string): string => firstCharacters(text, LONGEST_KEYWORD);

/** https://grpc.io/docs/guides/status-codes/ */
const INVALID_ARGUMENT = 3;

/**
 * Which of these search attributes the namespace lacks: Temporal refuses a query that names a missing one. `count` sends a
 * query, like `WorkflowClient.count`. Works in Temporal Cloud too, which has no operator service.
 * @throws what `count` throws for any other reason: the answer is then unknown.
 */
export async function missingOf(
  attributes: readonly ListedAttribute[],
  count: (query: string) => Promise<unknown>,
): Promise<readonly string[]> {
  const lacks = async (names: readonly string[]): Promise<boolean> => {
    try {
      await count(names.map((name) => `${name} IS NULL`).join(' AND '));
      return false;
    } catch (error) {
      if ((error as { readonly cause?: { readonly code?: unknown } }).cause?.code === INVALID_ARGUMENT) return true;
      throw error;
    }
  };
  const names = attributes.map(({ name }) => name);
  if (!(await lacks(names))) return [];
  const each = await Promise.all(names.map(async (name) => ((await lacks([name])) ? [name] : [])));
  return each.flat();
}

/** The commands that add them, for a self-hosted server and for Temporal Cloud. */
export function addingWords(
  attributes: readonly ListedAttribute[],
  missing: readonly string[],
  namespace: string,
): string {
  const lacking = attributes.filter(({ name }) => missing.includes(name));
  const typed = lacking.map((one) => `--name ${one.name} --type ${typeWord(one)}`).join(' ');
  const cloud = lacking.map((one) => `--sa ${one.name}=${typeWord(one)}`).join(' ');
  return (
    `\`temporal operator search-attribute create --namespace ${namespace} ${typed}\`, ` +
    `in Temporal Cloud \`tcld namespace search-attributes add --namespace ${namespace} ${cloud}\``
  );
}
