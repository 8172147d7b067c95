import { setImmediate as turn } from 'node:timers/promises';
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
 * An inference thread: the decoder and ONNX Runtime, away from the thread that speaks HTTP. It is told what to do by `inference-thread.ts`.
 * What came while a batch was classified makes the next.
 */
interface OpenModel {
  readonly model: EngineModel;
  readonly classifier: Classifier;
}

const models = new Map<number, OpenModel>();
/** Those that were asked for, open or on their way. */
const opening = new Map<number, Promise<OpenModel>>();
/** In the order that they came. */
const asked: Asked[] = [];
/** Decoded, or refused; not yet classified. */
const found: Found[] = [];
/** Pictures that are classified together. */
let most = 1;
let working = false;
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

interface Asked {
  readonly picture: AskedPicture;
  readonly slot: number;
  /** When it came. */
  readonly at: number;
}

interface DecodedPicture {
  readonly pixels: Uint8Array;
  /** Milliseconds. */
  readonly decode: number;
}

interface Found extends Asked {
  readonly result: DecodedPicture | Refusal;
}

async function decode({ picture, slot }: Asked): Promise<DecodedPicture | Refusal> {
  const began = performance.now();
  const { buffer, byteOffset, byteLength } = picture.bytes;
  try {
    const { model } = openIn(slot);
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

/** @throws Error: a defect, for models are closed once their answers are out */
function openIn(slot: number): OpenModel {
  const open = models.get(slot);
  if (open === undefined) throw new Error(`There is no model in slot ${slot} of this thread`);
  return open;
}

async function begin(one: Asked): Promise<void> {
  found.push({ ...one, result: await decode(one) });
  void work();
}

/**
 * Decodes what came, classifies it, and so on until nothing is left. A picture whose decoding is awaited, as sharp's is, keeps no other
 * waiting.
 */
async function work(): Promise<void> {
  if (working) return;
  working = true;
  while (found.length > 0 || asked.length > 0) {
    // What has come meanwhile is taken off the port.
    await turn();
    while (found.length < most) {
      const next = asked.shift();
      if (next === undefined) break;
      void begin(next);
      // A JPEG is found after this, for this very thread decodes it.
      await turn();
    }
    const batch = takeBatch();
    if (batch.length === 0) continue;
    const outcomes = await outcomesOf(batch);
    const ended = performance.now();
    const began = Math.max(lastEnd, Math.min(...batch.map(({ at }) => at)));
    report({ kind: 'answered', outcomes, ms: ended - began });
    lastEnd = ended;
  }
  working = false;
}

/** The first, and what is for the same model. */
function takeBatch(): readonly Found[] {
  const batch = found.filter(({ slot }) => slot === found[0]?.slot).slice(0, most);
  const taken = new Set(batch);
  found.splice(0, found.length, ...found.filter((one) => !taken.has(one)));
  return batch;
}

type Outcome = readonly [ticket: number, outcome: PictureOutcome];

/** What fails here fails for the whole batch, and is a defect: what can be wrong with a picture is found by the decoder. */
async function outcomesOf(batch: readonly Found[]): Promise<readonly Outcome[]> {
  try {
    return await answer(batch);
  } catch (error) {
    return batch.map(({ picture }) => [picture.ticket, { refused: refusalOf(error) }]);
  }
}

async function answer(batch: readonly Found[]): Promise<readonly Outcome[]> {
  const { model, classifier } = openIn(batch[0]?.slot ?? NaN);
  const decoded = batch.map(({ result }) => result).filter((result) => 'pixels' in result);
  const began = performance.now();
  const all =
    decoded.length === 0 ? new Float32Array() : await classifier.classify(joined(decoded), decoded.length);
  const infer = performance.now() - began;
  let row = 0;
  return batch.map(({ picture, result }): Outcome => {
    const { ticket } = picture;
    if (!('pixels' in result)) return [ticket, { refused: result }];
    const from = row * classifier.classes;
    row += 1;
    const probabilities = all.slice(from, from + classifier.classes);
    if (!probabilities.every(Number.isFinite)) return [ticket, { refused: noNumber }];
    keep(picture, model, probabilities);
    return [ticket, { probabilities, decode: result.decode, infer }];
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
    case 'answer':
      most = order.most;
      asked.push({ picture: order.picture, slot: order.slot, at: performance.now() });
      await work();
      return;
    case 'end':
      await Promise.all([...models.values()].map(({ classifier }) => classifier.dispose()));
      spool?.close();
      parentPort?.close();
  }
}

parentPort?.on('message', (order: Order) => void obey(order));
