import type { Preprocessing } from './schemas/preprocessing';

/** Channels of a prepared picture. */
export function channelsOf({ color }: Pick<Preprocessing, 'color'>): 1 | 3 {
  return color === 'grey' ? 1 : 3;
}
