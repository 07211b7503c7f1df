/** Temporal wraps an error in what failed because of it: this is the innermost one, or the value itself when it is no error. */
export function rootCause<T>(error: T): T | Error {
  let root: T | Error = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}
