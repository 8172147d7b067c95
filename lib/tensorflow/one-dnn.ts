import { attributes, scoped } from './handles';
import { tensorflowDevice } from './native';

/**
 * The mark under which TensorFlow registers oneDNN's own kernels for the CPU, such as `_MklNativeMaxPool`. Its graph
 * compiler puts them in by that attribute, and one operation alone may ask for it as well.
 */
export const oneDnnKernel = () => attributes.text('_kernel', 'MklNameChangeOp');

const probed = new Map<string, boolean>();

/**
 * Whether this TensorFlow, on this CPU, has one of oneDNN's kernels: found out by trying it, once.
 *
 * @param what - The kernel and the type; an answer is kept by it.
 * @param attempt - Uses it on a little.
 */
export function hasOneDnn(what: string, attempt: () => void): boolean {
  const known = probed.get(what);
  if (known !== undefined) return known;
  const works = tensorflowDevice() === 'cpu' && succeeds(attempt);
  probed.set(what, works);
  return works;
}

function succeeds(attempt: () => void): boolean {
  try {
    scoped(attempt);
    return true;
  } catch {
    return false;
  }
}
