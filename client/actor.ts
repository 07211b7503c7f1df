import { userInfo } from 'node:os';
import { Failure } from './failure';

/** Who asks: `--by`, else ROLLOUT_ACTOR, else the name this machine knows the user by. */
export function actor(by: string | undefined): string {
  const named = by ?? process.env['ROLLOUT_ACTOR'];
  if (named !== undefined && named.trim() !== '') return named.trim();
  try {
    return userInfo().username;
  } catch {
    throw new Failure(2, 'This machine does not know your name. Say who you are with --by NAME or ROLLOUT_ACTOR.');
  }
}
