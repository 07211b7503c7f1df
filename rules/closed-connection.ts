/** `status.CANCELLED` of gRPC. The client does not repeat a call that ends so: `grpc-retry.ts` of @temporalio/client. */
const CANCELLED = 1;

interface Status<Metadata> {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** What a call reports to; a repeated call has no `onReceiveMetadata`. */
interface Listener<Metadata> {
  onReceiveMessage(message: null): void;
  onReceiveStatus(status: Status<Metadata>): void;
}

/**
 * The last one of a connection's gRPC interceptors. gRPC throws when a call begins on a closed connection. The client repeats a failed
 * call from a timer, where nothing can catch that, and the error ends the process. With this interceptor such a call ends as cancelled,
 * and its caller gets the error.
 */
export function endWithConnection<Options, Call>(options: Options, nextCall: (options: Options) => unknown): Call {
  try {
    return nextCall(options) as Call;
  } catch (error) {
    return endedCall(error instanceof Error ? error.message : String(error)) as Call;
  }
}

/** An `InterceptingCall` of @grpc/grpc-js that ends as it starts. A unary call gets a message, or null, before its status. */
function endedCall(details: string) {
  return {
    start<Metadata>(metadata: Metadata, listener: Listener<Metadata>): void {
      listener.onReceiveMessage(null);
      listener.onReceiveStatus({ code: CANCELLED, details, metadata });
    },
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
    cancelWithStatus: nothing,
    getPeer: () => '',
    getAuthContext: () => null,
  };
}

const nothing = (): void => undefined;
