/** Kinds of notices, as the plan names them. */
export const NOTICE_KINDS = [
  'started',
  'raised',
  'waiting',
  'held',
  'paused',
  'overdue',
  'zero-not-confirmed',
  'unwatched',
  'rolling-back',
  'rolled-back',
  'aborted',
  'completed',
  'deployment-waiting',
  'deployment-failed',
  'deployment-done',
  'verification-failed',
] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** One message to the channels. Plain JSON, without markdown. */
export interface Notice {
  readonly kind: NoticeKind;
  /** Unique for each workflow: a notice with the same key is not sent again. Letters, digits and `-` `.` only. */
  readonly key: string;
  /** One line of at most 100 printable ASCII characters, as SNS takes it. */
  readonly title: string;
  readonly text: string;
  /** For channels that take more than a text; absent from a notice of an earlier version. */
  readonly about?: NoticeSubject;
  /** Sent by hand to try the channels: each one gets it, and none takes it for an event. */
  readonly test?: true;
}

/** What a notice is about, for programs and links. */
export interface NoticeSubject {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  readonly atMs: number;
  /** Absent when it is not known, and for deployments. */
  readonly percentage?: number;
  /** Commands to type, as the text has them. */
  readonly commands: readonly string[];
  readonly links: readonly Link[];
}

export interface Link {
  readonly text: string;
  readonly url: string;
}

/** Who gets notices, and through which service. */
export type Channel = {
  /** Name for people and logs: `support`. */
  readonly name: string;
  /** All kinds when left out; for PagerDuty those that need a person. */
  readonly events?: readonly NoticeKind[];
} & ChannelService;

export type ChannelService =
  /** ARN of an SNS topic. */
  | { readonly topic: string }
  /** An incoming webhook that takes what Slack's take. */
  | { readonly webhook: SecretPlace }
  | { readonly slack: SlackPlace }
  | { readonly pagerduty: PagerDutyPlace }
  | { readonly signedWebhook: SignedPlace };

/** A bot of Slack: its messages about one rollout are one thread. */
export interface SlackPlace {
  readonly token: SecretPlace;
  /** Id of the channel: `C0123456789`. */
  readonly channel: string;
  /** Base address of the API; Slack's own when left out. */
  readonly api?: string;
}

/** The Events API v2 of PagerDuty. */
export interface PagerDutyPlace {
  readonly routingKey: SecretPlace;
  /** The US service when left out. */
  readonly address?: string;
}

/** Any receiver of JSON; each message is signed with the key. */
export interface SignedPlace {
  readonly address: SecretPlace;
  readonly key: SecretPlace;
}

/** Where the worker finds a secret, such as the address of a webhook: never the secret itself. */
export type SecretPlace =
  /** Name of an SSM parameter of type SecureString. */
  | { readonly parameter: string }
  /** Name of a secret of Secrets Manager. */
  | { readonly secret: string }
  /** Name of an environment variable of the worker. */
  | { readonly variable: string };

/** Result of sending a notice. */
export interface NoticeResult {
  /** Names of the channels that took it. */
  readonly told: readonly string[];
  readonly failed: readonly { readonly channel: string; readonly why: string }[];
  /** The thread that a message is in, by the name of its channel; only for channels that have threads. */
  readonly threads?: Threads | undefined;
}

export type Threads = Readonly<Record<string, string>>;

/** A notice that is being sent; without `to` the result is still unknown. */
export interface SentNotice {
  readonly key: string;
  readonly atMs: number;
  /** What is said, while it is under way: the next run of the workflow sends it again. */
  readonly notice?: Notice;
  /** Names of the channels that took it. */
  readonly to?: readonly string[];
}

const LONGEST_TITLE = 100;

/** A title as SNS takes it: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, `Subject`. */
export function titleOf(text: string): string {
  const ascii = text
    .replace(/…/g, '...')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  return ascii.length <= LONGEST_TITLE ? ascii : `${ascii.slice(0, LONGEST_TITLE - 3)}...`;
}
