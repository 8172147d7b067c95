/**
 * The 150 settings of the table: the original project's network (two convolutions, a dense layer of 128) and its batch sizes,
 * with learning rates that span what a person would try, in equal steps of their logarithm, and dropout.
 */
export const cellValues = {
  lr: [0.0001, 0.00019, 0.00036, 0.00067, 0.0013, 0.0024, 0.0045, 0.0084, 0.016, 0.03],
  batch_size: [5, 15, 30],
  dropout: [0, 0.15, 0.3, 0.45, 0.6],
} as const satisfies Readonly<Record<string, readonly number[]>>;

export type CellParameter = keyof typeof cellValues;

/** One setting. */
export type Cell = Readonly<Record<CellParameter, number>>;

export const cellParameters: readonly CellParameter[] = ['lr', 'batch_size', 'dropout'];

export const cells: readonly Cell[] = cellValues.lr.flatMap((lr) =>
  cellValues.batch_size.flatMap((batch_size) =>
    cellValues.dropout.map((dropout) => ({ lr, batch_size, dropout })),
  ),
);

/** Epochs of every training. */
export const cellEpochs = 25;

/** What tells one cell from another. */
export function cellName({ lr, batch_size, dropout }: Cell): string {
  return `${lr},${batch_size},${dropout}`;
}
