import type { RunConfig } from '../../../contracts/schemas/run';
import { leavesOf } from '../leaves';

export interface Parameter {
  readonly key: string;
  readonly value: string;
}

/** What MLflow takes at most, of one name and one value. */
const longestName = 250;
const longestValue = 6000;

/** A configuration as MLflow's flat parameters: `network.name`, `augmentation.flip`. */
export function parametersOf(config: RunConfig): Parameter[] {
  const byKey = new Map<string, string>();
  for (const { path, value } of leavesOf(config)) {
    const name = path.map(permitted).join('.').slice(0, longestName);
    // Class names may differ only in what MLflow does not allow in a name.
    let key = name;
    for (let next = 2; byKey.has(key); next += 1) key = `${name.slice(0, longestName - 8)}_${next}`;
    byKey.set(key, value.slice(0, longestValue));
  }
  return [...byKey].map(([key, value]) => ({ key, value }));
}

function permitted(name: string): string {
  return name.replace(/[^A-Za-z0-9_\- ]/g, '_');
}
