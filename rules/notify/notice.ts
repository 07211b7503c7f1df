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
}

/** Who gets notices, and through which service. */
export type Channel = {
  /** Name for people and logs: `support`. */
  readonly name: string;
  /** All kinds when left out. */
  readonly events?: readonly NoticeKind[];
} & ({ readonly topic: string } | { readonly webhook: SecretPlace });

/** Where the worker finds the address of a webhook, which is a secret: never the address itself. */
export type SecretPlace =
  /** Name of an SSM parameter of type SecureString. */
  | { readonly parameter: string }
  /** Name of an environment variable of the worker. */
  | { readonly variable: string };

/** Result of sending a notice. */
export interface NoticeResult {
  /** Names of the channels that took it. */
  readonly told: readonly string[];
  readonly failed: readonly { readonly channel: string; readonly why: string }[];
}

/** A notice that is being sent; without `to` the result is still unknown. */
export interface SentNotice {
  readonly key: string;
  readonly atMs: number;
  /** What is said, while it is under way: the next run of the workflow sends it again. */
  readonly notice?: Notice;
  /** Names of the channels that took it. */
  readonly to?: readonly string[];
}

interface Told {
  readonly notify?: readonly Channel[];
}

export function channelsFor({ notify = [] }: Told, kind: NoticeKind): readonly Channel[] {
  return notify.filter(({ events }) => events === undefined || events.includes(kind));
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
