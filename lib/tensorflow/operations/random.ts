import { attributes, executeOne, integers, type Handle } from '../handles';

/**
 * Uniform float32 numbers in [0, 1) that follow from the key alone (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", 2011): there is no generator whose state would have to be kept.
 *
 * @param key - Two whole numbers of 32 bits.
 */
export function statelessUniform(shape: readonly number[], key: readonly [number, number]): Handle {
  const types = [
    attributes.type('dtype', 'float32'),
    attributes.type('T', 'int32'),
    attributes.type('Tseed', 'int32'),
  ];
  return executeOne('StatelessRandomUniform', types, [integers(shape), integers(key)]);
}
