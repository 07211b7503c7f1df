import { DefaultFailureConverter, type FailureConverter } from '@temporalio/common';
import { wellFormed } from '../../rules/format';

type Failure = ReturnType<FailureConverter['errorToFailure']>;

/**
 * Makes failure messages valid Unicode, as the protocol requires. Half of a surrogate pair, typed or left where a text was
 * cut, would end the whole worker ("Cannot decode Completion from buffer", SDK 1.24). Used inside workflows and by
 * activities.
 */
class WellFormedFailures extends DefaultFailureConverter {
  override errorToFailure(...args: Parameters<FailureConverter['errorToFailure']>): Failure {
    return sound(super.errorToFailure(...args));
  }
}

function sound(failure: Failure): Failure {
  const { message, stackTrace, cause, applicationFailureInfo } = failure;
  return {
    ...failure,
    message: message && wellFormed(message),
    stackTrace: stackTrace && wellFormed(stackTrace),
    cause: cause && sound(cause),
    applicationFailureInfo: applicationFailureInfo && {
      ...applicationFailureInfo,
      type: applicationFailureInfo.type && wellFormed(applicationFailureInfo.type),
    },
  };
}

export const failureConverter: FailureConverter = new WellFormedFailures();
