import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import {
  graphModelSchema,
  layersModelSchema,
  type GraphModelDocument,
  type LayersModelDocument,
} from '../../contracts/schemas/backbone';
import type { Backbone } from './backbone';
import { layersOfGraph } from './graph-model/convert';
import { filesOf, type BackboneOptions } from './read-files';
import { refused } from './refused';
import { requireBytes } from './weight-bytes';

const mostJson = 50e6;
const mostWeights = 2e9;

/**
 * A backbone from elsewhere: its weights' files joined, and a graph model made a layers model. Quantised weights stay
 * as they are kept; TF.js makes floats of them when it loads them.
 *
 * @throws Failure `configuration-invalid`: no model of TF.js, one that can't be converted, or weights cut short;
 *   `path-refused`, `source-invalid`, `source-unavailable` as of a source.
 */
export async function fetchBackbone(reference: string, options: BackboneOptions): Promise<Backbone> {
  const read = filesOf(reference, options);
  const document = documentOf(await read(undefined, mostJson));
  const { weightsManifest } = document.model;
  const parts: Uint8Array[] = [];
  let left = mostWeights;
  for (const file of weightsManifest.flatMap(({ paths }) => paths)) {
    // A name beside the description and nothing else: no folders, no way up, no other host.
    if (!/^[\w.-]+$/.test(file) || /^\.+$/.test(file)) {
      throw new Failure(
        'path-refused',
        'network.backbone: its weights should lie beside it, in plain file names.',
      );
    }
    const part = await read(file, left);
    left -= part.length;
    parts.push(part);
  }
  const bytes = Buffer.concat(parts);
  const weights = weightsManifest.flatMap(({ weights: group }) => group);
  requireBytes(weights, bytes);
  if (document.format === 'graph-model') return layersOfGraph(document.model, bytes);
  return { topology: document.model.modelTopology, weights, bytes };
}

type Document =
  | { readonly format: 'layers-model'; readonly model: LayersModelDocument }
  | { readonly format: 'graph-model'; readonly model: GraphModelDocument };

/** What tells the two apart: a graph is a list of nodes, whatever the description says of itself. */
const graphLikeSchema = z.object({ modelTopology: z.object({ node: z.array(z.unknown()) }) });

function documentOf(json: Uint8Array): Document {
  const value = valueOf(json);
  if (graphLikeSchema.safeParse(value).success) {
    const graph = graphModelSchema.safeParse(value);
    if (graph.success) return { format: 'graph-model', model: graph.data };
    throw notAModel(graph.error);
  }
  const layers = layersModelSchema.safeParse(value);
  if (layers.success) return { format: 'layers-model', model: layers.data };
  throw notAModel(layers.error);
}

function valueOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

function notAModel(error: z.ZodError): Failure {
  const where = error.issues[0]?.path.join('.') ?? '';
  return refused(
    `this is no model of TF.js (${where === '' ? 'not JSON' : `its ${where.slice(0, 100)} is missing or wrong`}). ` +
      'Expected a model.json as tensorflowjs_converter writes it, of a layers model or a graph model.',
  );
}
