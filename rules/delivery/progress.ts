/** What is known of the variables while one raise is being delivered. Plain JSON. */
export interface DeliveryProgress {
  /** The percentage that was delivered before. */
  readonly from?: number;
  /** Ours as they were before this raise was set; left out where one was not set. */
  readonly before?: Readonly<Record<string, string>>;
  /** Whether those of this raise were seen to stand. */
  readonly stood?: true;
}
