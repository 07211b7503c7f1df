/** Progress of the delivery of one raise. Plain JSON. */
export interface DeliveryProgress {
  /** The percentage delivered before. */
  readonly from?: number;
  /** The rollout's variables before this raise; a variable that was not set is left out. */
  readonly before?: Readonly<Record<string, string>>;
  /** Whether a check has seen the variables of this raise deployed. */
  readonly stood?: true;
}
