import type { Setting } from '../../../rules/checks/check';

export interface Settings {
  readonly values: Readonly<Record<string, string>>;
  /** The values that came from variables of the worker, by the names of these. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The values of settings. Throws for a variable that the worker does not have. */
export function settingsOf(settings: Readonly<Record<string, Setting>>): Settings {
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const value = typeof setting === 'string' ? setting : process.env[setting.variable];
    if (value === undefined)
      throw new Error(`the worker has no variable ${(setting as { variable: string }).variable}`);
    values[name] = value;
    if (typeof setting !== 'string') secrets[setting.variable] = value;
  }
  return { values, secrets };
}
