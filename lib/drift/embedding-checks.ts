import type { Comparing, Found } from './check';
import { percent, rounded } from './check';
import { domainClassifier } from './domain-classifier';
import { foreignShare } from './foreign';
import { meanDiscrepancy } from './mmd';
import { pickRows, type Observations } from './observations';
import { drawPlaces } from './permutations';

/** @throws the signal's reason */
export async function checkDiscrepancy(comparing: Comparing): Promise<Found> {
  const { permutations, random, signal } = comparing;
  const { reference, window, dimensions, counts } = drawn(comparing);
  const { statistic, p } = await meanDiscrepancy(reference, window, dimensions, {
    ...{ permutations, signal },
    random: random.fork('mmd'),
  });
  return {
    statistic,
    p,
    counts,
    why: `The embeddings' squared discrepancy is ${rounded(statistic)}; 0 is expected.`,
  };
}

/** @throws the signal's reason */
export async function checkDomainClassifier(comparing: Comparing): Promise<Found> {
  const { permutations, random, signal } = comparing;
  const { reference, window, dimensions, counts } = drawn(comparing);
  const { auc, interval, p } = await domainClassifier(reference, window, dimensions, {
    ...{ permutations, signal },
    random: random.fork('domain classifier'),
  });
  return {
    ...{ statistic: auc, interval, p, counts },
    why: `A classifier of embeddings tells window from reference with an AUC of ${rounded(auc)}; 0.5 is chance.`,
  };
}

/** @throws the signal's reason */
export async function checkForeign({
  reference,
  window,
  settings,
  random,
  signal,
}: Comparing): Promise<{ readonly found: Found; readonly beyond: Float64Array }> {
  const places = drawPlaces(reference.count, settings.most_embeddings, random.fork('reference'));
  // Which half is measured to and which is held out is a matter of chance.
  const order = random.fork('halves').shuffle(places);
  const { share, expected, p, beyond } = await foreignShare(
    pickRows(reference.embeddings, reference.dimensions, order),
    window.embeddings,
    window.dimensions,
    { nominal: settings.foreign, signal },
  );
  return {
    beyond,
    found: {
      ...{ statistic: share, p },
      effect: { measure: 'times what is expected', value: share / expected },
      counts: { reference: order.length, window: window.count },
      why: `${percent(share)} of the window are farther from the reference than all but ${percent(expected)} of its own pictures.`,
    },
  };
}

/** The embeddings that are compared: of many pictures a draw, the same for every check. */
function drawn({ reference, window, settings, random }: Comparing) {
  const some = (observed: Observations, label: string): Float32Array => {
    const places = drawPlaces(observed.count, settings.most_embeddings, random.fork(label));
    return pickRows(observed.embeddings, observed.dimensions, places);
  };
  const { dimensions } = reference;
  const [before, now] = [some(reference, 'reference'), some(window, 'window')];
  const counts = { reference: before.length / dimensions, window: now.length / dimensions };
  return { reference: before, window: now, dimensions, counts };
}
