/** What a text says, under the key that names it, or why it cannot be read. */
export type Parsed<Key extends string, T> =
  ({ readonly ok: true } & Readonly<Record<Key, T>>) | { readonly ok: false; readonly why: string };
