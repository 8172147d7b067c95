import { Failure } from '../../../contracts/failures';
import type { tf } from '../../tensorflow';
import { exportOnnx } from './export';

/**
 * Makes sure, before anything has been learnt, that a network on somebody else's backbone has a form in ONNX: it is exported as it
 * is, and that is thrown away.
 *
 * @param model - As for {@link exportOnnx}.
 * @throws Failure `configuration-invalid`, naming a layer that has none.
 */
export function requireForm(model: tf.LayersModel): void {
  try {
    exportOnnx(model);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(
      'configuration-invalid',
      `network.backbone: a model on it could not be exported once it is trained (${why}). Take one without ` +
        'this layer: docs/guides/networks.md says which there may be.',
      { cause },
    );
  }
}
