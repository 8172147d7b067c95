import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderRunReport } from '../../lib/tracking/report/page';
import { hostileNames } from '../support/card-content';
import { BrowserPage, findChromium } from '../support/chromium';
import { complaintsOf, leastContrast, requestsBeyond } from '../support/page-checks';
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
    expect(complaintsOf(page)).toEqual([]);
    expect(requestsBeyond(page, address)).toEqual([]);
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

  it.each(['light', 'dark'] as const)('has text that can be read in %s', async (scheme) => {
    expect(await leastContrast(page, scheme)).toBeGreaterThanOrEqual(4.5);
  });
});
