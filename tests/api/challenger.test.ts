import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { withChallenger } from '../../api/models/challenger';
import { createChallengerMetrics } from '../../api/models/challenger-metrics';
import type { ModelHolder } from '../../api/models/served-model';
import { challengingSchema } from '../../contracts/schemas/challenging';
import { colorModel } from './color-model';
import {
  listeningLogger,
  modelName,
  openServedRegistry,
  picture,
  until,
  type ServedRegistry,
} from './served';

let served: ServedRegistry;
let metrics: Registry;
const log = listeningLogger();

beforeEach(async () => {
  served = await openServedRegistry();
  metrics = new Registry();
  await served.register(colorModel(), ['red', 'green', 'blue']);
  // It takes red for blue, and has its classes in another order.
  await served.register(colorModel([0, 1, 2]), ['blue', 'green', 'red']);
  await served.register(colorModel(), ['red', 'green', 'violet']);
  await served.promote(1);
});
afterEach(() => served.close());

/** Both followed, as `mode` has it; a challenger only where its version is named. */
async function both(mode: string, version?: number): Promise<ModelHolder> {
  const champion = served.follow();
  const challenger = served.follow({ alias: 'challenger' });
  if (version !== undefined) {
    await served.promote(version, 'challenger');
    await until(() => challenger.current() !== undefined);
  }
  await until(() => champion.current() !== undefined);
  return withChallenger({
    ...{ champion, challenger, engine: { queued: 0 }, logger: log.logger },
    mode: challengingSchema.parse(mode),
    listener: createChallengerMetrics(metrics, challenger),
  });
}

async function versionsThatAnswer(models: ModelHolder, count: number): Promise<Map<number, number>> {
  const red = await picture('red');
  const answered = new Map<number, number>();
  for (let index = 0; index < count; index += 1) {
    const id = randomUUID();
    const version = await models.use(id, async (model) => {
      const { probabilities } = await model.answer(red, { id });
      // The model's own classes say what the numbers mean: version 2 takes red for blue.
      const likeliest = model.classes[probabilities.indexOf(Math.max(...probabilities))];
      expect(likeliest).toBe(model.version === 1 ? 'red' : 'blue');
      return model.version;
    });
    answered.set(version, (answered.get(version) ?? 0) + 1);
  }
  return answered;
}

async function figure(name: string, labels: Record<string, string> = {}): Promise<number> {
  const found = (await metrics.getMetricsAsJSON()).find((metric) => name.startsWith(metric.name));
  const values = (found?.values ?? []) as {
    value: number;
    labels: Record<string, string>;
    metricName?: string;
  }[];
  const wanted = values.filter(
    (value) =>
      (value.metricName ?? name) === name &&
      Object.entries(labels).every(([key, label]) => value.labels[key] === label),
  );
  return wanted.reduce((sum, { value }) => sum + value, 0);
}

describe('a challenger in the shadow', () => {
  it('answers nobody, and is compared with the champion by the names of the classes', async () => {
    const models = await both('shadow', 2);
    expect(await versionsThatAnswer(models, 10)).toEqual(new Map([[1, 10]]));
    await until(async () => {
      const dropped = await figure('drover_challenger_dropped_total');
      return (await figure('drover_challenger_comparisons_total')) + dropped === 10;
    });
    const compared = await figure('drover_challenger_comparisons_total');
    expect(await figure('drover_challenger_comparisons_total', { agree: 'false' })).toBe(compared);
    const mean =
      (await figure('drover_challenger_difference_sum')) /
      (await figure('drover_challenger_difference_count'));
    // Nearly all of one class for nearly all of another: two of three classes differ by nearly 1.
    expect(mean).toBeGreaterThan(0.5);
    expect(await figure('drover_role_answer_seconds_count', { role: 'challenger' })).toBe(compared);
  });

  it('is not asked where requests wait', async () => {
    const champion = served.follow();
    const challenger = served.follow({ alias: 'challenger' });
    await served.promote(2, 'challenger');
    await until(() => champion.current() !== undefined && challenger.current() !== undefined);
    const models = withChallenger({
      ...{ champion, challenger, engine: { queued: 1 }, logger: log.logger, mode: { mode: 'shadow' } },
      listener: createChallengerMetrics(metrics, challenger),
    });
    await versionsThatAnswer(models, 3);
    expect(await figure('drover_challenger_dropped_total')).toBe(3);
  });
});

describe('a weighted challenger', () => {
  it('answers its share of the requests, the same ones each time, and says so', async () => {
    const models = await both('weighted:30', 2);
    const answered = await versionsThatAnswer(models, 200);
    expect(answered.get(2)).toBeGreaterThan(30);
    expect(answered.get(2)).toBeLessThan(90);
    const id = randomUUID();
    const versions = await Promise.all(
      Array.from({ length: 5 }, () => models.use(id, async ({ version }) => version)),
    );
    expect(new Set(versions).size).toBe(1);
  });

  it.each([
    ['that is not there', undefined],
    ['that knows other classes', 3],
  ])('%s changes nothing', async (_what, version) => {
    const models = await both('weighted:90', version);
    expect(await versionsThatAnswer(models, 20)).toEqual(new Map([[1, 20]]));
  });
});

describe('a challenger whose alias is taken away', () => {
  it('answers no more, while a champion stays', async () => {
    const champion = served.follow();
    const challenger = served.follow({ alias: 'challenger', leaves: true });
    await served.promote(2, 'challenger');
    await until(() => champion.current() !== undefined && challenger.current() !== undefined);
    await served.registry.removeAlias(modelName, 'challenger', { by: 'test', reason: 'enough seen' });
    await until(() => challenger.current() === undefined);
    expect(champion.current()?.version).toBe(1);
    await served.promote(3, 'challenger');
    await until(() => challenger.current()?.version === 3);
  });
});

describe('the setting', () => {
  it.each(['shadows', 'weighted', 'weighted:100', 'weighted:-1', 'weighted:a'])('refuses %s', (text) => {
    expect(challengingSchema.safeParse(text).success).toBe(false);
  });
});
