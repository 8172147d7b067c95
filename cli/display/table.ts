import { columnsOf, pad } from './format';

/**
 * Rows in columns two spaces apart, each as wide as its widest cell; `right` names the columns that hold
 * figures. No frame: it must still read well in a narrow terminal and in a log.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string[] {
  const widths = header.map((title, column) =>
    Math.max(columnsOf(title), ...rows.map((row) => columnsOf(row[column] ?? ''))),
  );
  return [header, ...rows].map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        return right.has(column) ? ' '.repeat(width - columnsOf(cell)) + cell : pad(cell, width);
      })
      .join('  ')
      .trimEnd(),
  );
}
