import { clip } from './format';

/** What a terminal is to the display; `process.stdout` fits. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** A terminal that doesn't know its size says nothing, or 0. */
export function widthOf({ columns }: Terminal): number {
  return columns === undefined || columns === 0 ? 80 : Math.max(20, columns);
}

function heightOf({ rows }: Terminal): number {
  return rows === undefined || rows === 0 ? 24 : Math.max(4, rows);
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

/**
 * A region at the bottom of the terminal that is redrawn in place, in one write, line by line over what was
 * there: nothing is cleared first, so nothing flickers.
 */
export class LiveRegion {
  private height = 0;
  private lines: readonly string[] = [];

  constructor(private readonly terminal: Terminal) {}

  draw(lines: readonly string[]): void {
    this.lines = lines;
    this.terminal.write(hideCursor + this.up() + this.painted(lines) + '\u001b[J');
  }

  /** A lasting line above the region. */
  print(line: string): void {
    this.terminal.write(`${this.up()}${line}\u001b[K\n${this.painted(this.lines)}\u001b[J`);
  }

  /** Leaves the region as it stands and gives the terminal back. */
  done(): void {
    this.height = 0;
    this.lines = [];
    this.terminal.write(showCursor);
  }

  private up(): string {
    return this.height > 0 ? `\u001b[${this.height}A\r` : '\r';
  }

  private painted(lines: readonly string[]): string {
    const width = widthOf(this.terminal);
    // A region higher than the screen could not be gone back over.
    const rows = heightOf(this.terminal) - 1;
    const shown =
      lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more`] : lines;
    this.height = shown.length;
    return shown.map((line) => `${clip(line, width)}\u001b[K\n`).join('');
  }
}
