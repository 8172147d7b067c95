import { createRandom } from '../../lib/random';
import type { MadeDrift } from './made-drift';

/** One comparison: rows of the file `clean` against rows of the file `window.file`. */
export interface Trial {
  /** 'none', the name of a made drift, or 'class-<share>'. */
  readonly drift: string;
  readonly reference: readonly number[];
  readonly window: { readonly file: string; readonly rows: readonly number[] };
}

export const sizes = { head: 433, pool: 1750, drifted: 500, reference: 250, window: 100 } as const;
const pairs = 5;
/** How many in a hundred of a window's pictures are of the class that the reference and the head have never seen. */
export const shares = [5, 10, 25, 50] as const;

/**
 * In each round all pictures of the pool are shuffled and cut into five references and five windows that share no picture. Windows with drift
 * are cut from the last of the pool, and their references from the rest of it.
 *
 * @param pool - Rows of `clean`, the ones that have drifted copies last.
 * @param withheld - Rows of `clean` of the class that is withheld.
 * @param drifts - Those whose files there are.
 */
export function drawTrials(
  pool: readonly number[],
  withheld: readonly number[],
  drifts: readonly MadeDrift[],
  rounds: { readonly none: number; readonly drift: number },
): Trial[] {
  const random = createRandom('drift bench');
  const trials: Trial[] = [];
  const cut = (rows: readonly number[], pair: number, size: number) =>
    rows.slice(pair * size, (pair + 1) * size);
  for (let round = 0; round < rounds.none; round += 1) {
    const rows = random.shuffle(pool);
    const rest = rows.slice(pairs * sizes.reference);
    for (let pair = 0; pair < pairs; pair += 1) {
      const window = { file: 'clean', rows: cut(rest, pair, sizes.window) };
      trials.push({ drift: 'none', reference: cut(rows, pair, sizes.reference), window });
    }
  }
  const clean = pool.slice(0, pool.length - sizes.drifted);
  for (let round = 0; round < rounds.drift; round += 1) {
    const references = random.shuffle(clean);
    // Rows of the drifted files, and the same pictures' rows in `clean`.
    const places = random.shuffle(Array.from({ length: sizes.drifted }, (_, at) => at));
    const foreign = random.shuffle(withheld);
    for (let pair = 0; pair < pairs; pair += 1) {
      const reference = cut(references, pair, sizes.reference);
      const window = cut(places, pair, sizes.window);
      for (const { name } of drifts)
        trials.push({ drift: name, reference, window: { file: name, rows: window } });
      for (const share of shares) {
        const known = window.slice(share).map((place) => pool[clean.length + place] ?? 0);
        const rows = [...cut(foreign, pair, share), ...known];
        trials.push({ drift: `class-${share}`, reference, window: { file: 'clean', rows } });
      }
    }
  }
  return trials;
}
