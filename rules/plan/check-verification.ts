import { duplicates, valueAt, type Finding } from './problems/plan-problem';
import { environmentPaths } from './problems/places';

/** What a verification compares or runs needs the job it is about. */
export function verificationFindings(raw: unknown): readonly Finding[] {
  return environmentPaths(raw).flatMap((environment) => {
    const path = [...environment, 'verification'];
    const written = (key: string): boolean => valueAt(raw, [...path, key]) !== undefined;
    const idle = ['golden', 'stateMachine'].filter((key) => written(key) && !written('testJob'));
    const remedy = 'write the file of the job as testJob beside it, or take the key out';
    return [
      ...idle.map((key) => ({ path: [...path, key], problem: 'has no test job', remedy })),
      ...duplicates(raw, [...path, 'require']),
    ];
  });
}
