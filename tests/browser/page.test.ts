import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import express, { type RequestHandler } from 'express';
import sharp from 'sharp';
import { createApp } from '../../api/app';
import { startServer, type RunningServer } from '../../api/server';
import { createLogger } from '../../lib/logging/logger';
import { SpoolCounts } from '../../lib/predictions/counts';
import { colorModel } from '../api/color-model';
import { openServedRegistry, picture, type ServedRegistry } from '../api/served';
import { BrowserPage, findChromium } from '../support/chromium';
import { complaintsOf, leastContrast, requestsBeyond, violationsOf } from '../support/page-checks';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: the page is not tried in one.');

const logger = createLogger({ level: 'error', service: 'test' });
const limits = { maxUploadBytes: 60_000 };

(chromium === undefined ? describe.skip : describe)('the page in a browser', () => {
  let folder = '';
  let page: BrowserPage;
  let server: RunningServer;
  let served: ServedRegistry;
  /** What stands before the service for a test: a proxy's words, or its guard. */
  let before: RequestHandler | undefined;
  const asked: { path: string; length: number; key: string | undefined }[] = [];
  const kept: any[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-page-'));
    served = await openServedRegistry();
    await served.register(colorModel(), ['red', 'green', 'blue']);
    await served.promote(1);
    const models = served.follow();
    await models.check();
    const app = express();
    app.use((request, response, next) => {
      const length = Number(request.get('content-length') ?? 0);
      if (request.method === 'POST') {
        asked.push({ path: request.path, length, key: request.get('authorization') });
      }
      (before ?? ((_request, _response, proceed) => proceed()))(request, response, next);
    });
    const spool = { keep: (record: unknown) => kept.push(record) > 0, close: () => undefined };
    app.use(createApp({ models, keeping: { spool, counts: new SpoolCounts() }, logger, limits }));
    server = await startServer({ app, host: '127.0.0.1', port: 0, logger });
    for (const color of ['red', 'green', 'blue']) {
      await writeFile(join(folder, `${color}.png`), await picture(color));
    }
    await writeFile(join(folder, 'notes.txt'), 'I am a cat');
    page = await BrowserPage.open(chromium ?? '');
  });

  afterAll(async () => {
    await page.close();
    await server.close();
    await served.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    before = undefined;
    asked.length = 0;
    kept.length = 0;
    await page.send('Emulation.setDeviceMetricsOverride', {
      ...{ width: 1280, height: 900, deviceScaleFactor: 1, mobile: false },
    });
    await page.visit(`http://127.0.0.1:${server.port}/`);
    await shown('#lead', 'tells 3 classes apart');
  });

  afterEach(() => {
    // A refused request is named in the browser's console; nothing else may be.
    const complaints = complaintsOf(page).filter((each: any) => each.params.entry?.source !== 'network');
    expect(complaints).toEqual([]);
    const own = `http://127.0.0.1:${server.port}/`;
    const beyond = requestsBeyond(page, own);
    expect(beyond.filter((url) => !url.startsWith(own) && !url.startsWith('blob:'))).toEqual([]);
  });

  /** Waits until something is so in the page; the test's own time limit ends a wait for what never comes. */
  async function until(expression: string): Promise<void> {
    while ((await page.evaluate(expression)) !== true) await sleep(15);
  }

  const textOf = (selector: string): Promise<string> =>
    page.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`);

  async function shown(selector: string, text: string): Promise<void> {
    await until(
      `document.querySelector(${JSON.stringify(selector)}).innerText.includes(${JSON.stringify(text)})`,
    );
  }

  async function drop(...names: string[]): Promise<void> {
    const { x, y } = await page.evaluate(
      `(() => {
        const stage = document.getElementById('stage');
        stage.scrollIntoView({ block: 'start', behavior: 'instant' });
        const { x, y, width, height } = stage.getBoundingClientRect();
        return { x: x + width / 2, y: y + height / 2 };
      })()`,
    );
    const data = { items: [], files: names.map((name) => join(folder, name)), dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await page.send('Input.dispatchDragEvent', { type, x, y, data });
    }
  }

  const codes: Record<string, number> = { Tab: 9, Enter: 13, Escape: 27 };

  async function press(key: string): Promise<void> {
    const text = key === 'Enter' ? '\r' : key.length === 1 ? key : '';
    const event = { key, code: key, windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0) };
    await page.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, text });
    await page.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  const focused = (): Promise<string> => page.evaluate('document.activeElement.id');

  async function tabTo(id: string): Promise<void> {
    for (let presses = 0; (await focused()) !== id; presses += 1) {
      if (presses === 40) throw new Error(`The keyboard does not reach #${id}`);
      await press('Tab');
    }
  }

  it('answers a picture that is dropped: its classes by words and bars, who answered, how fast, under which id', async () => {
    await drop('green.png');
    await shown('#answer-title', 'green');
    const rows = (await page.evaluate(
      "[...document.querySelectorAll('#bars li')].map((row) => [row.querySelector('.name').textContent, row.querySelector('.percent').textContent, row.querySelector('.bar').style.getPropertyValue('--share')])",
    )) as string[][];
    expect(rows.map(([name]) => name)).toContain('red');
    expect(rows[0]).toEqual(['green', expect.stringMatching(/^\d+\.\d\u00a0%$/), expect.any(String)]);
    expect(Number.parseFloat(rows[0]![1]!)).toBeCloseTo(Number(rows[0]![2]) * 100, 0);
    const facts = await textOf('#facts');
    expect(facts).toContain('colors, version 1');
    expect(facts).toMatch(/[0-9a-f]{12}\s+Took\s+\d+ ms/);
    expect(facts).toMatch(/Request\s+[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/);
    expect(await textOf('#model')).toMatch(/75\.0.%.*Promoted\s+\d+ \w+ \d{4}, \d\d:\d\d/s);
    // Screen readers hear all of it, at once.
    expect(await page.evaluate("document.getElementById('said').textContent")).toMatch(
      /^It shows: green, .*Then: .*(red|blue), /,
    );
    expect(await page.evaluate("document.getElementById('preview').naturalWidth")).toBe(20);
  });

  it('shows the five likeliest of many classes, and what the others have together', async () => {
    const probabilities = { a: 0.6, b: 0.2, 7: 0.1, d: 0.05, e: 0.03, f: 0.0196, g: 0.0004 };
    before = (request, response, next) => {
      if (request.path !== '/get_prediction') next();
      else
        response.json({
          id: 'x',
          prediction: 'a',
          probabilities,
          model: { name: 'm', version: 1, digest: '0' },
        });
    };
    await drop('red.png');
    await shown('#others', 'together');
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('#bars .name')].map((name) => name.textContent).join()",
      ),
    ).toBe('a,b,7,d,e');
    expect(await textOf('#others')).toBe('2 other classes together: 2.0\u00a0%');
  });

  it('answers a picture that is pasted with Ctrl-V', async () => {
    await page.send('Browser.grantPermissions', {
      permissions: ['clipboardReadWrite', 'clipboardSanitizedWrite'],
    });
    await page.evaluate(`(() => {
      const canvas = document.createElement('canvas');
      canvas.getContext('2d').fillStyle = 'blue';
      canvas.getContext('2d').fillRect(0, 0, canvas.width, canvas.height);
      return new Promise((resolve) => canvas.toBlob(resolve)).then((blob) =>
        navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]));
    })()`);
    const key = { key: 'v', code: 'KeyV', windowsVirtualKeyCode: 86, modifiers: 2, commands: ['paste'] };
    await page.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key });
    await shown('#answer-title', 'blue');
  });

  it('is used by the keyboard alone, from choosing a picture to telling what it really shows', async () => {
    await page.send('Page.setInterceptFileChooserDialog', { enabled: true });
    await press('Tab');
    expect(await focused()).toBe('choose');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await press('Enter');
    const opened = () => page.events.find(({ method }) => method === 'Page.fileChooserOpened');
    while (opened() === undefined) await sleep(15);
    await page.send('DOM.setFileInputFiles', {
      files: [join(folder, 'green.png')],
      backendNodeId: opened()?.params.backendNodeId,
    });
    await page.send('Page.setInterceptFileChooserDialog', { enabled: false });
    await shown('#answer-title', 'green');
    expect(await focused()).toBe('choose');

    await tabTo('wrong');
    await press('Enter');
    expect(await focused()).toBe('label');
    await press('b');
    await tabTo('note');
    await page.send('Input.insertText', { text: 'the sea' });
    await press('Tab');
    await press('Enter');
    // Asked before it is sent, as it can't be taken back.
    expect(await focused()).toBe('yes');
    expect(await textOf('#sure-title')).toBe('Say that it shows blue? That cannot be taken back.');
    expect(kept).toEqual([]);
    await press('Enter');
    await until("document.activeElement.id === 'thanks'");
    expect(await textOf('#thanks')).toContain('blue');
    const id = /Request\s+(\S+)/.exec(await textOf('#facts'))?.[1];
    expect(kept).toEqual([expect.objectContaining({ id, label: 'blue', note: 'the sea' })]);
  });

  it('takes a class that the model does not know, and says where its name is none', async () => {
    await drop('red.png');
    await shown('#answer-title', 'red');
    const fill = (name: string) =>
      page.evaluate(
        `(() => { document.getElementById('label').value = '+'; document.getElementById('label').dispatchEvent(new Event('change')); const other = document.getElementById('other'); other.value = ${JSON.stringify(name)}; other.dispatchEvent(new Event('input')); document.querySelector('#feedback-form .main').click(); })()`,
      );
    await page.evaluate("document.getElementById('wrong').click()");
    await fill('Eisbär!');
    expect(await page.evaluate("document.getElementById('other').validationMessage")).toContain('a to z');
    expect(await page.evaluate("document.getElementById('sure').hidden")).toBe(true);
    await fill('Polar Bear');
    expect(await textOf('#sure-title')).toContain('polar-bear, which the model does not know yet?');
    await page.evaluate("document.getElementById('yes').click()");
    await shown('#thanks', 'polar-bear');
    expect(kept).toEqual([expect.objectContaining({ label: 'polar-bear' })]);
  });

  it('says in words why there is no answer: a file of text', async () => {
    await drop('notes.txt');
    await shown('#trouble', 'This is not a picture that can be read');
    expect(await textOf('#trouble')).toMatch(/expected a picture[\s\S]*Request [0-9a-f-]{36}/);
    expect(await page.evaluate("document.getElementById('trouble').getAttribute('role')")).toBe('alert');
    expect(await page.evaluate("document.getElementById('answer').hidden")).toBe(true);
    await drop('red.png');
    await shown('#answer-title', 'red');
    expect(await textOf('#trouble')).toBe('');
  });

  it('comes back by itself, once, where the service has no room, and says so', async () => {
    let refusals = 1;
    before = (request, response, next) => {
      if (request.path !== '/get_prediction' || refusals === 0) {
        next();
        return;
      }
      refusals -= 1;
      const problem = { title: 'Too much is asked at once', detail: '128 pictures are being answered.' };
      response.status(503).set('Retry-After', '1').json(problem);
    };
    await drop('green.png');
    await shown('#trouble', '128 pictures are being answered. This page asks again by itself in 1 s.');
    await shown('#answer-title', 'green');
    expect(await textOf('#trouble')).toBe('');
    refusals = 2;
    await drop('red.png');
    await until("document.getElementById('answer').hidden");
    expect(await textOf('#trouble')).toContain('128 pictures are being answered.');
    expect(asked.filter(({ path }) => path === '/get_prediction')).toHaveLength(4);
  });

  it('asks for a key where the service does, keeps it for this tab alone, and goes on with the picture', async () => {
    before = (request, response, next) => {
      const isOpen = request.path === '/' || request.get('authorization') === 'Bearer of-the-house';
      if (isOpen) next();
      else response.status(401).json({ title: 'A key is needed', detail: 'The key was not accepted.' });
    };
    await drop('blue.png');
    await until("document.activeElement.id === 'key-field'");
    await page.send('Input.insertText', { text: 'wrong' });
    await press('Enter');
    // Told that it is not accepted, with the key marked to be typed over.
    await until(
      "document.getElementById('key-field').selectionEnd === 5 && document.getElementById('key-field').selectionStart === 0",
    );
    expect(await textOf('#trouble')).toContain('not accepted');
    await page.send('Input.insertText', { text: 'of-the-house' });
    await press('Enter');
    await shown('#answer-title', 'blue');
    expect(asked.at(-1)?.key).toBe('Bearer of-the-house');
    expect(await page.evaluate("document.getElementById('key').hidden")).toBe(true);
    expect(await page.evaluate('[{ ...sessionStorage }, localStorage.length, document.cookie]')).toEqual([
      { 'drover-api-key': 'of-the-house' },
      0,
      '',
    ]);
    await page.evaluate('sessionStorage.clear()');
  });

  it('makes a picture smaller only where the service would refuse it for its size, and says so', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const files = { 'fits.png': 100, 'large.png': 260 };
    const sizes: number[] = [];
    for (const [name, side] of Object.entries(files)) {
      const canvas = sharp({ create: { width: side, height: side, channels: 3, background: 'red', noise } });
      const bytes = await canvas.png().toBuffer();
      sizes.push(bytes.length);
      await writeFile(join(folder, name), bytes);
    }
    expect(sizes.map((size) => size <= limits.maxUploadBytes)).toEqual([true, false]);
    const answered = "!document.getElementById('answer').matches('[hidden], [aria-busy=true]')";
    await drop('fits.png');
    await until(answered);
    expect(await page.evaluate("document.getElementById('made-smaller').hidden")).toBe(true);
    expect((asked[0]?.length ?? 0) - sizes[0]!).toBeGreaterThan(0);
    expect((asked[0]?.length ?? 0) - sizes[0]!).toBeLessThan(500);
    await drop('large.png');
    await shown('#made-smaller', 'Made smaller here before it was sent');
    expect(asked).toHaveLength(2);
    expect(asked[1]?.length).toBeLessThan(limits.maxUploadBytes + 500);
  });

  it('answers several pictures in a row, shows each again when asked, and stores none', async () => {
    await drop('red.png', 'green.png', 'blue.png');
    await until("document.querySelectorAll('#pictures canvas').length === 3");
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('#pictures .name')].map((name) => name.textContent).join()",
      ),
    ).toBe('blue,green,red');
    await page.evaluate("document.querySelector('#pictures li:last-child button').click()");
    expect(await textOf('#answer-title')).toBe('red');
    expect(await textOf('#caption')).toBe('red.png');
    expect(await page.evaluate("document.querySelector('#pictures [aria-current]').innerText")).toContain(
      'red',
    );
    expect(
      await page.evaluate(
        'Promise.all([indexedDB.databases(), caches.keys()]).then((lists) => lists.flat().length + localStorage.length + sessionStorage.length)',
      ),
    ).toBe(0);
  });

  it.each(['light', 'dark'] as const)(
    'breaks no rule of accessibility in %s, at any step, and fits a telephone of 360 pixels',
    async (scheme) => {
      await page.send('Emulation.setDeviceMetricsOverride', {
        ...{ width: 360, height: 740, deviceScaleFactor: 1, mobile: true },
      });
      const check = async () => {
        // By then, bars have grown: what moves can't be judged.
        await page.evaluate('Promise.all(document.getAnimations().map((each) => each.finished))');
        expect(await leastContrast(page, scheme)).toBeGreaterThanOrEqual(4.5);
        expect(await violationsOf(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      };
      await check();
      await drop('red.png', 'green.png');
      await until("document.querySelectorAll('#pictures canvas').length === 2");
      await page.evaluate("document.getElementById('wrong').click()");
      await page.evaluate(
        "document.getElementById('label').value = '+'; document.getElementById('label').dispatchEvent(new Event('change'))",
      );
      await check();
      await page.evaluate(
        "document.getElementById('label').value = '=blue'; document.getElementById('label').dispatchEvent(new Event('change')); document.querySelector('#feedback-form .main').click()",
      );
      await check();
      await page.evaluate("document.getElementById('key').hidden = false");
      await drop('notes.txt');
      await shown('#trouble', 'not a picture');
      await check();
    },
  );

  it('lets nothing move for who wants that', async () => {
    const movement = "getComputedStyle(document.querySelector('.bar')).animationName";
    await drop('red.png');
    await shown('#answer-title', 'red');
    expect(await page.evaluate(movement)).toBe('grow');
    const features = [{ name: 'prefers-reduced-motion', value: 'reduce' }];
    await page.send('Emulation.setEmulatedMedia', { features });
    expect(await page.evaluate(movement)).toBe('none');
  });

  it('offers to take a photo where a finger points, and there alone', async () => {
    const display = "getComputedStyle(document.getElementById('photograph')).display";
    expect(await page.evaluate(display)).toBe('none');
    await page.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    expect(await page.evaluate(display)).toBe('block');
    await page.send('Emulation.setTouchEmulationEnabled', { enabled: false });
    expect(await page.evaluate("document.getElementById('camera').outerHTML")).toContain(
      'capture="environment"',
    );
  });
});
