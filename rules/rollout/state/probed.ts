/** What probe jobs showed of the API's reads. `not-known`: it could not be found out, and is tried again. */
export interface Probed {
  readonly verdict: 'reads-by-job' | 'refused' | 'not-known';
  readonly why: string;
}

export interface ProbeResult extends Probed {
  readonly atMs: number;
  readonly tries: number;
}
