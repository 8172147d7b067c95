import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Where Chromium is on this machine, if it is. */
export function findChromium(): string | undefined {
  return ['chromium', 'chromium-browser', 'google-chrome'].find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  );
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: any;
  readonly result?: any;
  readonly error?: { readonly message: string };
}

/** A page in a headless Chromium, driven by the DevTools protocol over a pipe: no port, no other package. */
export class BrowserPage {
  /** What the browser said of itself: errors of scripts, refusals of the policy, requests. */
  readonly events: { readonly method: string; readonly params: any }[] = [];
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #next = 1;
  #session = '';

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    let buffered = '';
    (process.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (buffered + chunk).split('\0');
      buffered = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
  }

  static async open(chromium: string): Promise<BrowserPage> {
    const profile = await mkdtemp(join(tmpdir(), 'drover-chromium-'));
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
    ];
    const process = spawn(chromium, [...flags, `--user-data-dir=${profile}`, '--remote-debugging-pipe'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const page = new BrowserPage(process, profile);
    const { targetId } = await page.send('Target.createTarget', { url: 'about:blank' });
    page.#session = (await page.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    return page;
  }

  send(method: string, params: object = {}): Promise<any> {
    const id = this.#next;
    this.#next += 1;
    const message = { id, method, params, ...(this.#session !== '' && { sessionId: this.#session }) };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(error.message)) : resolve(result),
      );
      (this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    });
  }

  /** Opens an address, and waits until all of it is there. */
  async visit(url: string): Promise<void> {
    this.events.length = 0;
    const { loaderId } = await this.send('Page.navigate', { url });
    // The page before may still tell of its own loading.
    const isThere = () => {
      const from = this.events.findIndex(
        ({ method, params }) => method === 'Page.frameNavigated' && params.frame.loaderId === loaderId,
      );
      return from >= 0 && this.events.slice(from).some(({ method }) => method === 'Page.loadEventFired');
    };
    while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** What an expression is in the page, a promise when it is kept. */
  async evaluate(expression: string): Promise<any> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'It threw.');
    return result.value;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #take(message: Message): void {
    if (message.id === undefined) this.events.push({ method: message.method ?? '', params: message.params });
    else this.#waiting.get(message.id)?.(message);
  }
}
