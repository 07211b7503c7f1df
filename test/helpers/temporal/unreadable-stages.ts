/** Releases as they are, and stages with unreadable answers: bytes, as another SDK or a foreign codec may write. */
export { release } from '../../../workflows/release/release';

const bytes = async (): Promise<Uint8Array> => Uint8Array.of(1, 2, 3, 250);

export const deployment = bytes;
export const verification = bytes;
export const rollout = bytes;
