import { parentPort, workerData } from 'node:worker_threads';
import { channelsOf } from '../../contracts/channels';
import { Failure } from '../../contracts/failures';
import { decodePicture } from '../../lib/images/decode';
import { type Classifier, openClassifier } from '../../lib/inference/classifier';
import { optimisedGraph } from '../../lib/inference/optimised-graph';
import { SpoolCounts } from '../../lib/predictions/counts';
import { openSpool } from '../../lib/predictions/spool';
import { rank } from '../ranking';
import type {
  AskedPicture,
  EngineModel,
  Order,
  PictureOutcome,
  Refusal,
  Report,
  ThreadStart,
} from './messages';

/**
 * An inference thread: the decoder and ONNX Runtime, away from the thread that speaks HTTP. It is told what to do by `inference-thread.ts`,
 * and begins to decode a batch while the one before it is still being classified.
 */
interface OpenModel {
  readonly model: EngineModel;
  readonly classifier: Classifier;
}

const models = new Map<number, OpenModel>();
/** Those that were asked for, open or on their way. */
const opening = new Map<number, Promise<OpenModel>>();
/** When the last batch was out: what the next one took counts from there. */
let lastEnd = 0;

const { spool: kept, graphs } = workerData as ThreadStart;
const spool = kept && openSpool(kept.folder, { ...kept.options, counts: new SpoolCounts(kept.counts) });

/** Before the answer is told: what somebody was answered is kept, whatever happens next. */
function keep(
  { id, bytes, keep: wanted, by }: AskedPicture,
  model: EngineModel,
  probabilities: Float32Array,
) {
  if (!wanted || spool === undefined) return;
  const { name, version, digest, classes } = model;
  spool.keep(
    {
      kind: 'prediction',
      id,
      at: new Date().toISOString(),
      model: { name, version, digest },
      ...rank(classes, probabilities),
      ...(by !== undefined && { by }),
    },
    bytes,
  );
}

/** Neither JSON nor a record could say it: a defect of the model, which is nobody's answer. */
const noNumber: Refusal = { message: 'The model answers with something that is no number.' };

function report(message: Report): void {
  parentPort?.postMessage(message);
}

function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof Failure ? { type: error.type, message } : { message };
}

async function openGraph({ onnx, digest }: EngineModel): Promise<Classifier> {
  if (graphs === undefined) return openClassifier(onnx, { threads: 1 });
  let optimised: Uint8Array;
  try {
    optimised = await optimisedGraph(onnx, digest, graphs);
  } catch {
    // A disk that is full, for one: what the model itself has wrong is found here as well.
    return openClassifier(onnx, { threads: 1 });
  }
  return openClassifier(optimised, { threads: 1, optimised: true });
}

/**
 * Opens a model and answers one picture by it: the first run allocates, and no request should wait for that, nor meet a model that
 * fails.
 */
async function openModel(model: EngineModel): Promise<OpenModel> {
  const { classes, preprocessing } = model;
  const classifier = await openGraph(model);
  try {
    const { size } = preprocessing;
    const channels = channelsOf(preprocessing);
    const found = [classifier.height, classifier.width, classifier.channels, classifier.classes];
    const expected = [size, size, channels, classes.length];
    if (found.join() !== expected.join()) {
      throw new Error(
        `The model takes and gives height, width, channels, classes of ${found.join(', ')}; ` +
          `its version.json says ${expected.join(', ')}.`,
      );
    }
    const probabilities = await classifier.classify(new Uint8Array(size * size * channels), 1);
    if (!probabilities.every(Number.isFinite)) throw new Error(noNumber.message);
    return { model, classifier };
  } catch (error) {
    await classifier.dispose();
    throw error;
  }
}

interface DecodedPicture {
  readonly pixels: Uint8Array;
  /** Milliseconds. */
  readonly decode: number;
}

async function decode(picture: AskedPicture, { model }: OpenModel): Promise<DecodedPicture | Refusal> {
  const began = performance.now();
  const { buffer, byteOffset, byteLength } = picture.bytes;
  try {
    const pixels = await decodePicture(Buffer.from(buffer, byteOffset, byteLength), model.preprocessing, {
      thread: 'own',
    });
    return { pixels, decode: performance.now() - began };
  } catch (error) {
    return refusalOf(error);
  }
}

/** One row of pixels a picture. */
function joined(pictures: readonly DecodedPicture[]): Uint8Array {
  const [first] = pictures;
  if (first === undefined || pictures.length === 1) return first?.pixels ?? new Uint8Array();
  const size = first.pixels.length;
  const all = new Uint8Array(size * pictures.length);
  pictures.forEach(({ pixels }, index) => all.set(pixels, index * size));
  return all;
}

async function answer(
  pictures: readonly AskedPicture[],
  open: OpenModel,
): Promise<readonly PictureOutcome[]> {
  const found = await Promise.all(pictures.map((picture) => decode(picture, open)));
  const decoded = found.filter((picture): picture is DecodedPicture => 'pixels' in picture);
  const { classifier } = open;
  const began = performance.now();
  const all =
    decoded.length === 0 ? new Float32Array() : await classifier.classify(joined(decoded), decoded.length);
  const infer = performance.now() - began;
  let row = 0;
  return pictures.map((asked, index): PictureOutcome => {
    const picture = found[index];
    if (picture === undefined || !('pixels' in picture))
      return { refused: picture ?? { message: 'nothing came of it' } };
    const from = row * classifier.classes;
    row += 1;
    const probabilities = all.slice(from, from + classifier.classes);
    if (!probabilities.every(Number.isFinite)) return { refused: noNumber };
    keep(asked, open.model, probabilities);
    return { probabilities, decode: picture.decode, infer };
  });
}

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'open':
      try {
        const opened = openModel(order.model);
        opening.set(order.slot, opened);
        models.set(order.slot, await opened);
        report({ kind: 'opened', slot: order.slot });
      } catch (error) {
        report({ kind: 'unopened', slot: order.slot, why: refusalOf(error) });
      }
      return;
    case 'close': {
      // Orders are not waited for: it may still be on its way.
      const opened = await opening.get(order.slot)?.catch(() => undefined);
      opening.delete(order.slot);
      models.delete(order.slot);
      await opened?.classifier.dispose();
      return;
    }
    case 'answer': {
      const { batch, slot, pictures } = order;
      const began = performance.now();
      const outcomes = await outcomesOf(pictures, slot);
      const ended = performance.now();
      report({ kind: 'answered', batch, outcomes, ms: ended - Math.max(began, lastEnd) });
      lastEnd = ended;
      return;
    }
    case 'end':
      await Promise.all([...models.values()].map(({ classifier }) => classifier.dispose()));
      spool?.close();
      parentPort?.close();
  }
}

/** What fails here fails for the whole batch, and is a defect: what can be wrong with a picture is found by the decoder. */
async function outcomesOf(
  pictures: readonly AskedPicture[],
  slot: number,
): Promise<readonly PictureOutcome[]> {
  try {
    const open = models.get(slot);
    if (open === undefined) throw new Error(`There is no model in slot ${slot} of this thread`);
    return await answer(pictures, open);
  } catch (error) {
    return pictures.map(() => ({ refused: refusalOf(error) }));
  }
}

parentPort?.on('message', (order: Order) => void obey(order));
