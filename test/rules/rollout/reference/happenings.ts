import type { Verdict } from '../../../../rules/guards/verdict';

/** How the next raise is written. What is `slow` is under way for some seconds and may be overtaken meanwhile. */
export type WriteGoes =
  | 'well'
  | 'lost'
  | 'unanswered'
  | 'late'
  | 'slow, written when overtaken'
  | 'slow, lost when overtaken'
  | 'slow, unanswered when overtaken'
  | 'slow, late when overtaken';

/**
 * Everything that can happen to a rollout from outside; `away` is time without a worker, `wait` the time until the present
 * wait is over. Actor and reason may be missing: any client may have sent anything.
 */
export type Happening =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'away'; readonly ms: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'pause' | 'abort' }
  | { readonly kind: 'resume'; readonly flag?: 'adopt' | 'restore' }
  | { readonly kind: 'verdict'; readonly verdict: Omit<Verdict, 'atMs'> }
  | { readonly kind: 'push'; readonly alarm: string; readonly agoMs: number }
  | { readonly kind: 'write'; readonly goes: WriteGoes; readonly ms: number }
  | { readonly kind: 'zero-fails'; readonly times: number }
  | { readonly kind: 'read-fails' }
  | { readonly kind: 'edit'; readonly percentage: number; readonly generations: number }
  | ({ readonly kind: 'approve'; readonly percentage?: number | 'next'; readonly planHash?: string } & Said)
  | ({ readonly kind: 'reject' } & Said)
  | ({ readonly kind: 'promote'; readonly full?: boolean; readonly override?: boolean } & Said)
  | ({ readonly kind: 'skip'; readonly percentage?: number | 'next' } & Said)
  | ({ readonly kind: 'extend'; readonly aheadMs?: number } & Said)
  | ({ readonly kind: 'tick'; readonly item?: string } & Said)
  | { readonly kind: 'proofs'; readonly succeed: boolean }
  | { readonly kind: 'freeze'; readonly forMs: number; readonly told: boolean }
  | { readonly kind: 'unfreeze'; readonly told: boolean }
  | { readonly kind: 'freezes-unreadable'; readonly unreadable: boolean };

export interface Said {
  readonly by?: string;
  readonly reason?: string;
}

/** As `approve 25 by "Bob"`: what a person reads in a failing story. */
export function tell(happening: Happening): string {
  const { kind, ...details } = happening;
  if (happening.kind === 'pass') return `${spanOf(happening.ms)} pass`;
  if (happening.kind === 'away') return `no worker for ${spanOf(happening.ms)}`;
  if (happening.kind === 'wait') return 'the wait passes';
  if (happening.kind === 'verdict') {
    const { outcome, asks } = happening.verdict;
    return `the looks say ${outcome}${asks === undefined ? '' : `, asking for ${asks}`}`;
  }
  const words = Object.entries(details)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const ms = /ms$/i.test(name) && typeof value === 'number';
      return `${name.replace(/ms$/i, '')} ${ms ? spanOf(value) : JSON.stringify(value)}`;
    });
  return [kind, ...words].join(' ').trim();
}

export function spanOf(ms: number): string {
  const [days, rest] = [Math.trunc(ms / 86_400_000), Math.abs(ms) % 86_400_000];
  const clock = new Date(rest)
    .toISOString()
    .slice(11, 23)
    .replace(/\.000$/, '');
  return days === 0 ? `${ms < 0 ? '-' : ''}${clock}` : `${days} d ${clock}`;
}
