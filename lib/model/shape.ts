/** What a network reads and answers. */
export interface NetworkShape {
  /** Pixels. */
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
}

/** Per channel, of values in [0, 255]: part of the network, so that every form of it reads plain pixels. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
