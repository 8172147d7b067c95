import type { RunConfig } from '../../contracts/schemas/run';

/** Whether a checkpoint is due, by how far and how long ago the last one is. */
export interface CheckpointRule {
  due(since: { readonly seconds: number; readonly steps: number; readonly epochs: number }): boolean;
}

/** @param every - `30s`, `200 steps`, `2 epochs`; a bare number is epochs. */
export function checkpointRule(every: RunConfig['checkpoint_every']): CheckpointRule {
  const [, amount = '1', unit = 'epochs'] = /^(\d+) ?(s|steps?|epochs?)$/.exec(
    typeof every === 'number' ? `${every} epochs` : every,
  ) ?? ['', '30', 's'];
  const least = Number(amount);
  if (unit === 's') return { due: ({ seconds }) => seconds >= least };
  if (unit.startsWith('step')) return { due: ({ steps }) => steps >= least };
  return { due: ({ epochs }) => epochs >= least };
}
