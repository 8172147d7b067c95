import { Failure } from '../contracts/failures';

/**
 * What the store gives, if it does in time.
 *
 * @param patience - milliseconds
 * @throws Failure `storage-unavailable` where it takes longer
 */
export async function within<T>(work: Promise<T>, patience: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Failure('storage-unavailable', `The store did not answer within ${patience / 1000} s.`));
    }, patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
