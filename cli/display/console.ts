import { type Colours } from './format';
import { LiveRegion, type Terminal, widthOf } from './screen';

/**
 * Where commands write: lasting lines, and (on a terminal) a region below them that is redrawn in place.
 * Everything for people goes through this, so that a log line never tears a progress bar.
 */
export class Console {
  private readonly region: LiveRegion | undefined;
  private active = false;

  constructor(
    private readonly terminal: Terminal,
    readonly colours: Colours,
    live: boolean,
  ) {
    this.region = live ? new LiveRegion(terminal) : undefined;
  }

  get live(): boolean {
    return this.region !== undefined;
  }

  get width(): number {
    return widthOf(this.terminal);
  }

  say(line = ''): void {
    if (this.region && this.active) this.region.print(line);
    else this.terminal.write(`${line}\n`);
  }

  /** Shows `lines` in place of the region's last; does nothing where there is no terminal. */
  draw(lines: readonly string[]): void {
    if (!this.region) return;
    this.active = true;
    this.region.draw(lines);
  }

  /** The region's last picture becomes lasting, or vanishes. */
  settle(keep = true): void {
    if (!this.region || !this.active) return;
    if (!keep) this.region.draw([]);
    this.region.done();
    this.active = false;
  }
}

/** Takes everything and shows nothing, where only a result is wanted. */
export function silent(like: Console): Console {
  return new Console({ write: () => true }, like.colours, false);
}

/** Whether progress may be redrawn in place: a terminal, and not a build server's imitation of one. */
export function isLive(
  terminal: Terminal,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const ci = environment['CI'];
  return (
    terminal.isTTY === true &&
    (ci === undefined || ci === '' || ci === 'false') &&
    environment['TERM'] !== 'dumb'
  );
}
