import { Failure } from '../../contracts/failures';
import { tf } from '../tensorflow';

type Handler = Exclude<Parameters<typeof tf.loadLayersModel>[0], string>;
type Artifacts = Awaited<ReturnType<NonNullable<Handler['load']>>>;

export interface BackboneFiles {
  readonly topology: object;
  readonly weights: readonly object[];
  readonly bytes: Uint8Array;
}

/** @throws Failure `configuration-invalid` where TF.js can't make a model of it. */
export async function loadBackbone({ topology, weights, bytes }: BackboneFiles): Promise<tf.LayersModel> {
  try {
    return await tf.loadLayersModel({
      load: () =>
        Promise.resolve({
          modelTopology: topology,
          // What TF.js itself wrote there, and checks as it reads.
          weightSpecs: [...weights] as Artifacts['weightSpecs'] & object,
          weightData: Uint8Array.from(bytes).buffer,
        }),
    });
  } catch (error) {
    throw new Failure(
      'configuration-invalid',
      `network.backbone: TF.js can't load it (${error instanceof Error ? error.message.split('\n')[0] : 'no reason was given'}).`,
      { cause: error },
    );
  }
}
