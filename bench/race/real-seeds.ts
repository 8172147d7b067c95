import { markdownTable } from '../table';
import { medianOfBounds, ratioOf, timeOf, told, type Bounds } from './capped';
import type { KeptSides, Setting } from './kept-sides';
import { race, type Goal, type RealMet, type Way } from './real';

export interface RealRace extends Goal {
  readonly seeds: readonly number[];
  readonly slots: number;
  /** Of a trial. */
  readonly epochs: number;
  /** The sides of a seed: Drover's first. */
  readonly waysOf: (seed: number) => readonly Way[];
  readonly kept: KeptSides;
  /** Ends the side that runs. */
  readonly cutOff: AbortSignal;
}

/** Runs every side of every seed that isn't kept yet, one after the other; each seed begins with another side. Prints each, then the table. */
export async function raceSeeds({ seeds, waysOf, kept, cutOff, ...options }: RealRace): Promise<void> {
  const { target, cap, slots, epochs } = options;
  console.log(`Until an epoch's validation accuracy is ${target}, ${cap} s a side at most:`);
  const rows = new Map<number, ReadonlyMap<string, Bounds>>();
  for (const [at, seed] of seeds.entries()) {
    const ways = waysOf(seed);
    const times = new Map<string, Bounds>();
    for (const way of inTurn(ways, at)) {
      const setting: Setting = { side: way.name, seed, target, slots, epochs };
      let side = kept.find(setting, cap);
      const when = side && ` (kept, of ${side.on})`;
      if (side === undefined) {
        const met = (await race(way, { target, cap }, cutOff)) ?? null;
        side = { ...setting, on: new Date().toISOString(), cap, met };
        kept.add(side);
      }
      console.log(`seed ${seed}, ${way.name}: ${tellMet(side.met, cap)}${when ?? ''}`);
      times.set(way.name, timeOf(side.met?.seconds, cap));
    }
    rows.set(seed, times);
  }
  console.log(
    `\n${tableOf(
      rows,
      waysOf(0).map(({ name }) => name),
    )}`,
  );
}

/** Another side first at each seed, so that whoever comes first, or after whom, weighs on all. */
function inTurn<Item>(items: readonly Item[], at: number): readonly Item[] {
  const first = at % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function tellMet(met: RealMet | null, cap: number): string {
  if (met === null) return `not within ${cap} s`;
  const { seconds, epochs, trials, accuracy } = met;
  return `${seconds.toFixed(1)} s, ${accuracy.toFixed(4)} after ${epochs} epochs of ${trials} trials`;
}

/** Times by seed, with Drover's beside the others'; medians, the ratio of the medians, and the median of the ratios. */
export function tableOf(
  rows: ReadonlyMap<number, ReadonlyMap<string, Bounds>>,
  [drover = '', ...others]: readonly string[],
): string {
  const names = [drover, ...others];
  const timesOf = (name: string): Bounds[] =>
    [...rows.values()].map((times) => times.get(name) ?? { least: 0, most: Infinity });
  const ratios = others.map((name) =>
    timesOf(name).map((time, at) => ratioOf(timesOf(drover)[at] ?? time, time)),
  );
  const seconds = (time: Bounds): string =>
    time.most === Infinity ? `not within ${time.least.toFixed(0)}` : told(time, 1);
  const lines = [...rows.keys()].map((seed, at) => [
    ...[String(seed), ...names.map((name) => seconds(timesOf(name)[at] ?? { least: 0, most: Infinity }))],
    ...ratios.map((own) => told(own[at] ?? { least: 0, most: Infinity })),
  ]);
  const medians = names.map((name) => medianOfBounds(timesOf(name)));
  const [own = { least: 0, most: Infinity }, ...theirs] = medians;
  return markdownTable(
    [
      'seed',
      ...names.map((name) => `${name}, s`),
      ...others.map((name) => `of ${name.split(',')[0] ?? name}`),
    ],
    [
      ...lines,
      ['median', ...medians.map(seconds), ...theirs.map((time) => told(ratioOf(own, time)))],
      [
        "median of the seeds' ratios",
        ...names.map(() => ''),
        ...ratios.map((all) => told(medianOfBounds(all))),
      ],
    ],
  );
}
