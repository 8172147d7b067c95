import type { Slice } from '../../contracts/schemas/evaluation';
import { quantile } from './metrics/quantile';
import { wilsonInterval } from './metrics/wilson';
import type { PictureFacts } from './picture-facts';

/** Of more folders than this, nobody reads a table. */
const mostSources = 30;

/**
 * The accuracy on parts of the pictures: each class; each source, where there are several that hold more than one class
 * (a source of one class is the class again); thirds by size and by brightness, where these differ.
 *
 * @param truth - of each picture, the index of its class
 * @param right - of each picture, 1 where it is answered right
 */
export function slicesOf(
  classes: readonly string[],
  truth: Int32Array,
  right: Uint8Array,
  facts: PictureFacts,
): Slice[] {
  const slice = (by: Slice['by'], name: string, pictures: readonly number[]): Slice => {
    const hits = pictures.filter((picture) => right[picture] === 1).length;
    return {
      ...{ by, name, pictures: pictures.length },
      accuracy: pictures.length === 0 ? null : hits / pictures.length,
      interval: wilsonInterval(hits, pictures.length),
    };
  };
  const thirds = (by: 'size' | 'brightness', names: Thirds, values: readonly number[] | undefined) =>
    thirdsOf(values ?? []).map(({ third, range, pictures }) => ({
      ...slice(by, names[third], pictures),
      range,
      of: by === 'size' ? ('original' as const) : facts.brightnessOf,
    }));
  return [
    ...classes.map((name, index) => slice('class', name, placesWhere(truth, index))),
    ...bySource(facts.sources, truth).map(([name, pictures]) => slice('source', name, pictures)),
    ...thirds('size', ['smallest third', 'middle third', 'largest third'], facts.pixels),
    ...thirds('brightness', ['darkest third', 'middle third', 'brightest third'], facts.brightness),
  ];
}

function placesWhere(values: Int32Array, wanted: number): number[] {
  const places: number[] = [];
  values.forEach((value, at) => value === wanted && places.push(at));
  return places;
}

function bySource(sources: readonly string[] | undefined, truth: Int32Array): [string, number[]][] {
  const groups = new Map<string, number[]>();
  sources?.forEach((source, picture) => {
    const group = groups.get(source) ?? [];
    group.push(picture);
    groups.set(source, group);
  });
  const several = [...groups.values()].some(
    (pictures) => new Set(pictures.map((picture) => truth[picture])).size > 1,
  );
  if (groups.size < 2 || groups.size > mostSources || !several) return [];
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, pictures]) => [name || '/', pictures]);
}

type Thirds = readonly [string, string, string];

/** Equal values stay together, so that thirds of few values may be uneven, or fewer than three. */
function thirdsOf(
  values: readonly number[],
): { third: 0 | 1 | 2; range: [number, number]; pictures: number[] }[] {
  if (values.length === 0 || values.every((value) => value === values[0])) return [];
  const [first, second] = [quantile(values, 1 / 3), quantile(values, 2 / 3)];
  return ([0, 1, 2] as const).flatMap((third) => {
    const pictures = values.flatMap((value, picture) =>
      (value <= first ? 0 : value <= second ? 1 : 2) === third ? [picture] : [],
    );
    const own = pictures.map((picture) => values[picture] ?? 0);
    const range = own.reduce<[number, number]>(
      ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
      [Infinity, -Infinity],
    );
    return pictures.length === 0 ? [] : [{ third, range, pictures }];
  });
}
