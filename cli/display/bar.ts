import { type Colours, bytes, duration } from './format';

/** How much of something is done; `rate` is per second. */
export interface Amount {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly rate?: number;
  /** Where it is known more finely than by whole units, in [0, 1]. */
  readonly share?: number;
  /** Whoever does it says itself, in its note, how fast it is and how long it will take. */
  readonly timed?: boolean;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** `███▌    `, exactly `width` columns; `share` is taken into [0, 1]. */
export function bar(share: number, width: number, colours: Colours): string {
  const steps = Math.round(Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * width * 8);
  const full = Math.floor(steps / 8);
  const part = eighths[steps % 8] ?? '';
  const filled = '█'.repeat(full) + part;
  return colours.cyan(filled) + colours.dim('·'.repeat(width - full - (part === '' ? 0 : 1)));
}

/** `1200/4000 pictures, 310/s, 9 s left`; `1200 pictures, 310/s` while nobody knows how many there are. */
export function amountText(amount: Amount): string {
  const { done, total, unit, rate, timed } = amount;
  const count = unit === 'bytes' ? bytesText(done, total) : `${done}${total > 0 ? `/${total}` : ''} ${unit}`;
  if (rate === undefined || rate <= 0 || timed === true) return count;
  const speed =
    unit === 'bytes' ? `${bytes(rate)}/s` : `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}/s`;
  const left = done < total ? `, ${duration(((total - done) / rate) * 1000)} left` : '';
  return `${count}, ${speed}${left}`;
}

function bytesText(done: number, total: number): string {
  return total > 0 ? `${bytes(done)} of ${bytes(total)}` : bytes(done);
}

export function shareOf(amount: Amount): number {
  if (amount.share !== undefined) return amount.share;
  return amount.total > 0 ? amount.done / amount.total : 0;
}
