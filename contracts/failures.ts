interface FailureKind {
  /** What the user reads first. */
  readonly title: string;
  /** Whether trying again, unchanged, may help. */
  readonly retryable: boolean;
  /** The HTTP status where it reaches the API. */
  readonly status: number;
}

/** Every failure that Drover names, in one table. Anything else is a defect, and answers 500. */
export const failureKinds = {
  'configuration-invalid': { title: 'The configuration is not valid', retryable: false, status: 400 },
  'source-invalid': { title: 'The source cannot be read', retryable: false, status: 400 },
  'source-unavailable': { title: 'The source did not answer', retryable: true, status: 503 },
  'dataset-invalid': { title: 'The dataset cannot be trained on', retryable: false, status: 400 },
  'path-refused': { title: 'The path or URI is not allowed', retryable: false, status: 400 },
  'not-found': { title: 'Not found', retryable: false, status: 404 },
  'alias-moved': { title: 'The alias was moved by someone else', retryable: false, status: 409 },
  'digest-mismatch': { title: 'The bytes are not those that were recorded', retryable: false, status: 500 },
  'storage-unavailable': { title: 'The store did not answer', retryable: true, status: 503 },
  'store-too-new': { title: 'A later version has written to the store', retryable: false, status: 503 },
  'picture-missing': { title: 'No picture was sent', retryable: false, status: 400 },
  'picture-field': { title: 'The picture is in the wrong field', retryable: false, status: 400 },
  'picture-too-large': { title: 'The picture is too large', retryable: false, status: 413 },
  'picture-unreadable': { title: 'This is not a picture that can be read', retryable: false, status: 415 },
  'label-unknown': { title: 'There is no such class', retryable: false, status: 400 },
  'feedback-not-kept': { title: 'The feedback could not be kept', retryable: true, status: 503 },
  'feedback-decided': { title: 'Somebody has decided on this already', retryable: false, status: 409 },
  'request-invalid': { title: 'The request is not valid', retryable: false, status: 400 },
  'token-refused': { title: 'This is not allowed without its token', retryable: false, status: 401 },
  'origin-refused': { title: 'Pages of that origin may not ask here', retryable: false, status: 403 },
  'rate-limited': { title: 'Too many requests came from one client', retryable: true, status: 429 },
  'url-refused': { title: 'Pictures are not fetched from there', retryable: false, status: 400 },
  'url-unreachable': { title: 'The picture could not be fetched', retryable: true, status: 422 },
  'request-slow': { title: 'The request did not arrive in time', retryable: true, status: 408 },
  'headers-too-large': { title: 'The headers are too large', retryable: false, status: 431 },
  'method-refused': { title: 'The method is not allowed here', retryable: false, status: 405 },
  'model-unavailable': { title: 'No model is being served yet', retryable: true, status: 503 },
  busy: { title: 'Too much is asked at once', retryable: true, status: 503 },
  'training-diverged': { title: 'The loss is no longer a number', retryable: false, status: 500 },
  'training-stalled': { title: 'The trainer stopped answering', retryable: true, status: 500 },
  'trainer-died': { title: 'The trainer process ended early', retryable: true, status: 500 },
  'out-of-memory': { title: 'The memory was not enough to train', retryable: false, status: 500 },
  'training-differs': { title: 'The processes of a training differ', retryable: true, status: 500 },
  'export-differs': { title: 'The exported model answers differently', retryable: false, status: 500 },
  'sweep-refused': { title: 'The sweep does not take this', retryable: false, status: 409 },
  'sweep-failed': { title: 'No trial of the sweep finished', retryable: false, status: 500 },
  'webhook-refused': { title: 'The webhook did not take it', retryable: false, status: 500 },
  'webhook-unavailable': { title: 'The webhook did not answer', retryable: true, status: 503 },
  'deployment-failed': { title: 'The new version does not do', retryable: false, status: 500 },
  'deployment-conflict': {
    title: 'Somebody else changed what is deployed to',
    retryable: false,
    status: 409,
  },
  'cloud-unavailable': { title: 'The service did not answer', retryable: true, status: 503 },
  'cloud-refused': { title: 'The service refused it', retryable: false, status: 502 },
  'native-missing': { title: 'A native part is missing', retryable: true, status: 500 },
  'start-refused': { title: 'This cannot be started as asked', retryable: false, status: 400 },
  'port-in-use': { title: 'A port is in use', retryable: false, status: 500 },
  'workflow-failed': { title: 'The workflow did not finish', retryable: false, status: 500 },
  'process-failed': { title: 'A process of Drover does not keep running', retryable: false, status: 500 },
  'temporal-unavailable': { title: 'The Temporal server did not answer', retryable: true, status: 503 },
  'temporal-refused': { title: 'The Temporal server refused it', retryable: false, status: 502 },
} as const satisfies Record<string, FailureKind>;

export type FailureType = keyof typeof failureKinds;

export function isFailureType(type: string): type is FailureType {
  return Object.hasOwn(failureKinds, type);
}

/**
 * A failure with a stable type from {@link failureKinds}. Its message says what was found, what was
 * expected, and what to do; it never holds a secret or echoes a configuration's values.
 */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly type: FailureType,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  get retryable(): boolean {
    return failureKinds[this.type].retryable;
  }

  get status(): number {
    return failureKinds[this.type].status;
  }

  get title(): string {
    return failureKinds[this.type].title;
  }
}
