import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { createEngine, type Engine, type EngineOptions, type OpenedModel } from '../../api/engine/engine';
import { type InferenceThread, startThread } from '../../api/engine/inference-thread';
import { ClientGone } from '../../api/client-gone';
import { decodePicture } from '../../lib/images/decode';
import { openClassifier } from '../../lib/inference/classifier';
import { GraphBuilder } from '../../lib/model/onnx/graph';
import { dataTypes, encodeModel, valueInfo } from '../../lib/model/onnx/schema';
import { colorModel, colorPreprocessing } from './color-model';
import { listeningLogger, picture, until } from './served';

const classes = ['red', 'green', 'blue'];
const id = '6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10';

function model(onnx: Uint8Array = colorModel(), names = classes) {
  return {
    name: 'colors',
    version: 1,
    digest: '0'.repeat(64),
    onnx,
    classes: names,
    preprocessing: colorPreprocessing,
  };
}

/** It divides by what a picture lacks of white: 0/0 for a white one, which the black one that warms it up does not show. */
function whiteBreaks(): Uint8Array {
  const graph = new GraphBuilder();
  const pixels = graph.add('Cast', 'pixels', ['image'], { to: dataTypes.float });
  const means = graph.add('ReduceMean', 'means', [pixels], { axes: [1, 2], keepdims: 0 });
  const white = graph.constant('white', [1, 3], Float32Array.of(255, 255, 255));
  const missing = graph.add('Sub', 'missing', [white, means]);
  const shares = graph.add('Div', 'shares', [missing, missing]);
  graph.add('Softmax', 'probabilities', [shares], { axis: 1 });
  return encodeModel(
    graph.build(
      'white breaks',
      valueInfo('image', dataTypes.uint8, ['batch', 8, 8, 3]),
      valueInfo('probabilities', dataTypes.float, ['batch', 3]),
    ),
  );
}

describe('the engine', () => {
  let engine: Engine;
  let threads: InferenceThread[];
  const log = listeningLogger();

  function start(options: Partial<EngineOptions> = {}): Engine {
    threads = [];
    return createEngine({
      logger: log.logger,
      threads: 2,
      startThread: (...start) => {
        const thread = startThread(...start);
        threads.push(thread);
        return thread;
      },
      ...options,
    });
  }

  async function answers(opened: OpenedModel, count: number) {
    const pictures = await Promise.all(['red', 'lime', 'blue'].map((color) => picture(color, 'jpeg')));
    return Promise.all(
      Array.from({ length: count }, (_, index) =>
        opened.answer(pictures[index % 3] ?? Buffer.alloc(0), { id }),
      ),
    );
  }

  beforeEach(() => {
    engine = start();
  });
  afterEach(() => engine.close());

  it('answers what the decoder and the classifier answer without it, many at once in their order', async () => {
    const opened = await engine.open(model());
    const classifier = await openClassifier(colorModel(), { threads: 1 });
    const found = await answers(opened, 60);
    for (const [index, color] of ['red', 'lime', 'blue'].entries()) {
      const pixels = await decodePicture(await picture(color, 'jpeg'), colorPreprocessing);
      const expected = await classifier.classify(pixels, 1);
      for (let at = index; at < found.length; at += 3) expect(found[at]?.probabilities).toEqual(expected);
    }
    await classifier.dispose();
    expect(engine.queued).toBe(0);
  });

  it('refuses what is no picture, and answers those that came with it', async () => {
    const opened = await engine.open(model());
    const red = await picture('red', 'jpeg');
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        opened.answer(index % 2 === 0 ? red : Buffer.from('no picture'), { id }),
      ),
    );
    expect(all.map(({ status }) => status)).toEqual(
      all.map((_, index) => (index % 2 === 0 ? 'fulfilled' : 'rejected')),
    );
    expect(all[1]).toMatchObject({ reason: { type: 'picture-unreadable', status: 415 } });
  });

  it('answers a JPEG that comes after a picture which takes long to decode', async () => {
    await engine.close();
    engine = start({ threads: 1, batchMs: 0 });
    const opened = await engine.open(model());
    const large = await sharp({
      create: { width: 3000, height: 3000, channels: 3, background: 'red' },
    })
      .png()
      .toBuffer();
    const small = await picture('lime', 'jpeg');
    const ended: string[] = [];
    await Promise.all([
      opened.answer(large, { id }).then(() => ended.push('large')),
      opened.answer(small, { id }).then(() => ended.push('small')),
    ]);
    expect(ended).toEqual(['small', 'large']);
  });

  it('gives the pictures of a thread that ended to another, and has as many threads as before', async () => {
    const opened = await engine.open(model());
    const asked = answers(opened, 200);
    await threads[0]?.terminate();
    expect(await asked).toHaveLength(200);
    await until(() => engine.threads === 2);
    expect(engine.lost).toBe(1);
    expect(log.lines()).toContainEqual(expect.objectContaining({ level: 'error', service: 'api' }));
    await threads[1]?.terminate();
    expect(await answers(opened, 30)).toHaveLength(30);
  });

  it('tries a picture with which a thread ended alone, so that no other is blamed for it', async () => {
    const suspects = new Set<string>();
    const besideSuspects: number[] = [];
    const two = start({
      startThread(name, begun, listener) {
        const held = new Map<number, string>();
        const thread = startThread(name, begun, {
          onReport(report) {
            if (report.kind === 'answered') for (const [ticket] of report.outcomes) held.delete(ticket);
            listener.onReport(report);
          },
          onEnd(error) {
            for (const one of held.values()) suspects.add(one);
            listener.onEnd(error);
          },
        });
        threads.push(thread);
        const send: InferenceThread['send'] = (order) => {
          if (order.kind === 'answer') {
            const { ticket, id: asked } = order.picture;
            held.set(ticket, asked);
            if ([...held.values()].some((one) => suspects.has(one))) besideSuspects.push(held.size - 1);
          }
          thread.send(order);
        };
        return { send, terminate: () => thread.terminate() };
      },
    });
    const opened = await two.open(model());
    await answers(opened, 30);
    const red = await picture('red', 'jpeg');
    const asked = Array.from({ length: 200 }, (_, index) => opened.answer(red, { id: `${index}` }));
    await threads[0]?.terminate();
    expect(await Promise.all(asked)).toHaveLength(200);
    expect(suspects.size).toBeGreaterThan(1);
    expect(besideSuspects.length).toBeGreaterThanOrEqual(suspects.size);
    expect(new Set(besideSuspects)).toEqual(new Set([0]));
    await two.close();
  });

  it('opens a model again where the thread that took the place of another could not', async () => {
    let failures = 2;
    const one = start({
      threads: 1,
      startThread: (...given) => {
        const thread = startThread(...given);
        const isFirst = threads.length === 0;
        threads.push(thread);
        const send: InferenceThread['send'] = (order) => {
          if (isFirst || order.kind !== 'open' || failures === 0) {
            thread.send(order);
            return;
          }
          failures -= 1;
          thread.send({ ...order, model: { ...order.model, onnx: Buffer.from('no model') } });
        };
        return { send, terminate: () => thread.terminate() };
      },
    });
    const opened = await one.open(model());
    await threads[0]?.terminate();
    expect(await answers(opened, 3)).toHaveLength(3);
    expect(failures).toBe(0);
    expect(log.lines()).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('it tries again') }),
    );
    await one.close();
  });

  it('waits for a thread where there is none, and so opens nothing that no thread can', async () => {
    const one = start({ threads: 1 });
    await threads[0]?.terminate();
    expect(one.threads).toBe(0);
    await expect(one.open(model(Buffer.from('no model')))).rejects.toThrow();
    expect(await answers(await one.open(model()), 3)).toHaveLength(3);
    await one.close();
  });

  it('does not begin a picture whose deadline is over, and says that it is busy', async () => {
    const opened = await engine.open(model());
    const late = opened.answer(await picture('red'), { id, deadlineMs: -1 });
    await expect(late).rejects.toMatchObject({ type: 'busy', status: 503 });
  });

  it('drops the picture of a client that went away', async () => {
    const opened = await engine.open(model());
    const gone = new AbortController();
    const asked = opened.answer(await picture('red'), { id, signal: gone.signal });
    gone.abort();
    await expect(asked).rejects.toBeInstanceOf(ClientGone);
    await expect(
      opened.answer(await picture('red'), { id, signal: AbortSignal.abort() }),
    ).rejects.toBeInstanceOf(ClientGone);
    expect(await answers(opened, 3)).toHaveLength(3);
  });

  describe('whose threads are busy', () => {
    let opened: OpenedModel;
    let red: Buffer;

    beforeEach(async () => {
      await engine.close();
      engine = start({
        threads: 1,
        startThread(name, begun, listener) {
          const thread = startThread(name, begun, listener);
          const send: InferenceThread['send'] = (order) => order.kind !== 'answer' && thread.send(order);
          return { send, terminate: () => thread.terminate() };
        },
      });
      opened = await engine.open(model());
      red = await picture('red');
      while (engine.queued === 0) void opened.answer(red, { id }).catch(() => undefined);
    });

    it('tells a picture when its time is over, though nothing else happens', async () => {
      await expect(opened.answer(red, { id, deadlineMs: 10 })).rejects.toMatchObject({ type: 'busy' });
      expect(engine.queued).toBe(1);
    });

    it('holds a picture no longer when its client went away, wherever it stands', async () => {
      const gone = new AbortController();
      const asked = opened.answer(red, { id, signal: gone.signal });
      expect(engine.queued).toBe(2);
      gone.abort();
      expect(engine.queued).toBe(1);
      await expect(asked).rejects.toBeInstanceOf(ClientGone);
    });
  });

  it('opens no model that answers other classes than its version says, and goes on with the one it has', async () => {
    const opened = await engine.open(model());
    await expect(engine.open(model(colorModel(), ['red', 'green']))).rejects.toThrow(/version\.json says/);
    await expect(engine.open(model(Buffer.from('no model')))).rejects.toThrow();
    expect(await answers(opened, 3)).toHaveLength(3);
  });

  it('gives no answer that is no number, and goes on', async () => {
    const opened = await engine.open(model(whiteBreaks()));
    // A square: what `contain` pads is black.
    const canvas = sharp({ create: { width: 8, height: 8, channels: 3, background: 'white' } });
    const white = await canvas.png().toBuffer();
    await expect(opened.answer(white, { id })).rejects.toThrow(/no number/);
    expect((await opened.answer(await picture('red'), { id })).probabilities).toHaveLength(3);
  });

  it('answers by two models side by side, and by the one that is left when the other is closed', async () => {
    const first = await engine.open(model());
    const second = await engine.open(model(colorModel([2, 1, 0]), ['blue', 'green', 'red']));
    const red = await picture('red');
    const [one, two] = await Promise.all([first.answer(red, { id }), second.answer(red, { id })]);
    expect([...one.probabilities]).toEqual([...two.probabilities].reverse());
    first.close();
    expect((await second.answer(red, { id })).probabilities).toEqual(two.probabilities);
  });

  it('fails what still waits when it is closed', async () => {
    const opened = await engine.open(model());
    const red = await picture('red');
    const asked = Promise.allSettled(Array.from({ length: 400 }, () => opened.answer(red, { id })));
    await engine.close();
    expect((await asked).filter(({ status }) => status === 'rejected')).not.toHaveLength(0);
    await expect(opened.answer(await picture('red'), { id })).rejects.toThrow(/closed/);
  });
});
