import { withEnvironment } from './names';

/** The same value with `{env}` replaced in every text. */
export function replaced<T>(value: T, environment: string): T {
  if (typeof value === 'string') return withEnvironment(value, environment) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => replaced(item, environment)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, replaced(item as unknown, environment)]);
  return Object.fromEntries(entries) as T;
}
