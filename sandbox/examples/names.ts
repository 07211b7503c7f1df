/** What `npm start -- --example` may name: folders here. */
export const EXAMPLES: readonly string[] = ['checkout'];
