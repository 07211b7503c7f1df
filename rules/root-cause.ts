/** The innermost cause of an error that Temporal wrapped; any other value is returned unchanged. */
export function rootCause<T>(error: T): T | Error {
  let root: T | Error = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}
