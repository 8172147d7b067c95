import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderRunReport } from '../../lib/tracking/report/page';
import { hostileNames } from '../support/card-content';
import { BrowserPage, findChromium } from '../support/chromium';
import { runResult, samplePictures } from '../support/tracked-run';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: the report is not tried in a browser.');

(chromium === undefined ? describe.skip : describe)('the report of a run in a browser', () => {
  let folder = '';
  let page: BrowserPage;
  let address = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-report-'));
    const classes = ['cat', ...hostileNames];
    const result = runResult(20, classes);
    const report = {
      result: { ...result, environment: { ...result.environment, cpu: hostileNames[0]! } },
      lines: [],
      sample: samplePictures(40, classes),
      at: Date.UTC(2026, 10, 25),
    };
    const file = join(folder, 'report.html');
    await writeFile(file, await renderRunReport(report));
    address = pathToFileURL(file).href;
    page = await BrowserPage.open(chromium ?? '');
    await page.visit(address);
  });

  afterAll(async () => {
    await page.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('opens without an error, a refusal of its own policy, or a request to anywhere', () => {
    const complaints = page.events.filter(({ method }) =>
      /^(Log.entryAdded|Runtime.exceptionThrown|Runtime.consoleAPICalled|Page.javascriptDialogOpening)$/.test(
        method,
      ),
    );
    expect(complaints).toEqual([]);
    const requested = page.events.flatMap(({ method, params }) =>
      method === 'Network.requestWillBeSent' ? [params.request.url as string] : [],
    );
    expect(requested.filter((url) => !url.startsWith('data:') && url !== address)).toEqual([]);
  });

  it('shows its pictures and its styles, and holds no script', async () => {
    expect(
      await page.evaluate(
        'Promise.all([...document.images].map((image) => image.decode())).then(() => document.images.length)',
      ),
    ).toBe(40);
    expect(await page.evaluate('document.scripts.length')).toBe(0);
    expect(await page.evaluate("getComputedStyle(document.querySelector('.tiles')).display")).toBe('grid');
  });

  it.each([360, 768, 1280])('fits a window of %d pixels', async (width) => {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: true };
    await page.send('Emulation.setDeviceMetricsOverride', metrics);
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'])('has text that can be read in %s', async (value) => {
    await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    const contrast = await page.evaluate(`
      (() => {
        const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const luminance = (color) => {
          canvas.fillStyle = color;
          canvas.fillRect(0, 0, 1, 1);
          const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
            const share = byte / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const background = (element) => {
          const color = getComputedStyle(element).backgroundColor;
          return color !== 'rgba(0, 0, 0, 0)' ? color : background(element.parentElement);
        };
        return Math.min(
          ...[...document.querySelectorAll('p, td, th, dt, dd, a, h1, h2, h3, .badge, .quiet, strong')].map((element) => {
            const [one, other] = [getComputedStyle(element).color, background(element)].map(luminance);
            return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
          }),
        );
      })()`);
    expect(contrast).toBeGreaterThanOrEqual(4.5);
  });
});
