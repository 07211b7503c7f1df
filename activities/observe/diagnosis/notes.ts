import type { LookedAt } from '../../../rules/diagnosis/diagnosis';
import { messageOf, nameOf } from '../../failures';
import { cutInTheMiddle } from '../../../rules/format';

const LONGEST = 300;

/** Every request to AWS and its answer, in order. A failed read is noted and hides no other. */
export class Notes {
  private readonly noted: LookedAt[] = [];

  get looks(): readonly LookedAt[] {
    return this.noted;
  }

  /** @param found in a few words. Undefined when AWS did not answer, or refused. */
  async ask<T>(
    call: string,
    where: string,
    work: () => Promise<T>,
    found: (answer: T) => string,
  ): Promise<T | undefined> {
    const index = this.noted.push({ call, where, found: 'no answer in time', failed: true }) - 1;
    try {
      const answer = await work();
      this.noted[index] = { call, where, found: cut(found(answer)) };
      return answer;
    } catch (error) {
      this.noted[index] = { call, where, found: cut(`${nameOf(error)}: ${messageOf(error)}`), failed: true };
      return undefined;
    }
  }
}

export const cut = (text: string, longest = LONGEST): string => cutInTheMiddle(text, longest);

export const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;

/** `name` of `arn:aws:batch:…:job-queue/name`, and of a plain name. */
export const nameInArn = (arn: string): string => arn.split('/').at(-1) ?? arn;
