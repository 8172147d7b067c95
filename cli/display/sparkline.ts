const blocks = Array.from('▁▂▃▄▅▆▇█');
/** Where no more than ASCII can be counted on, as in a log. */
const plain = Array.from('_.:-=+*#');

/**
 * Values as one line of characters of growing height.
 *
 * @param width - Columns; with more values than that, each column is the mean of several.
 */
export function sparkline(values: readonly number[], width: number, ascii: boolean): string {
  const glyphs = ascii ? plain : blocks;
  const columns = Math.max(1, Math.min(width, values.length));
  const means = Array.from({ length: columns }, (_, at) => {
    const from = Math.floor((at * values.length) / columns);
    const near = values.slice(from, Math.max(from + 1, Math.floor(((at + 1) * values.length) / columns)));
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
  const least = Math.min(...means);
  const spread = Math.max(...means) - least;
  return means
    .map((mean) => glyphs[spread === 0 ? 0 : Math.round(((mean - least) / spread) * (glyphs.length - 1))])
    .join('');
}
