import { formatTime } from '../../format';

export const NOT_KNOWN = 'not known';

export const time = ({ zone, asOfMs }: { readonly zone: string; readonly asOfMs: number }, atMs: number): string =>
  formatTime(atMs, zone, asOfMs);
