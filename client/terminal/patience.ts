import { warn } from './output';

const PATIENCE_MS = 1_000;

const waits = { areSaid: false, said: new Set<string>() };

/** The programs say what they wait for; code that calls the client asks for itself. A picture of the whole screen turns it off. */
export const sayWaits = (areSaid: boolean): void => void (waits.areSaid = areSaid);

/** Says once on standard error what is waited for, when the work takes longer than a second. */
export async function patiently<T>(text: string, work: () => Promise<T>): Promise<T> {
  const late = (): void => {
    if (!waits.areSaid || waits.said.has(text)) return;
    waits.said.add(text);
    warn(text);
  };
  const timer = setTimeout(late, PATIENCE_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
