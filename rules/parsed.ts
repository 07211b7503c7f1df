/** The parsed value under the key `Key`, or why the text cannot be read. */
export type Parsed<Key extends string, T> =
  ({ readonly ok: true } & Readonly<Record<Key, T>>) | { readonly ok: false; readonly why: string };
