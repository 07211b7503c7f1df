import { readFileSync } from 'node:fs';

export interface Usage {
  readonly cpuS: number;
  readonly residentMb: number;
}

const TICKS_PER_S = 100;

/** CPU time and memory of a process so far, from Linux's /proc. */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the command in brackets, may hold blanks; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, residentKb = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S, residentMb: Number(residentKb) / 1_024 };
}
