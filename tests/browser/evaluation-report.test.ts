import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { evaluationPage } from '../../lib/evaluation/page/page';
import { hostileNames } from '../support/card-content';
import { BrowserPage, findChromium } from '../support/chromium';
import { exampleReport } from '../support/evaluation-report';
import { complaintsOf, leastContrast, requestsBeyond } from '../support/page-checks';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: the report is not tried in a browser.');

const few = ['cat', ...hostileNames].slice(0, 10);
const many = Array.from({ length: 60 }, (_, index) => `class ${index}`);

(chromium === undefined ? describe.skip : describe).each([
  ['few classes with hostile names', few],
  ['many classes', many],
])('the report of an evaluation in a browser: %s', (_, classes) => {
  let folder = '';
  let page: BrowserPage;
  let address = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-evaluation-report-'));
    const file = join(folder, 'report.html');
    await writeFile(file, evaluationPage(await exampleReport(classes)));
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
    ).toBe(24);
    expect(await page.evaluate('document.scripts.length')).toBe(0);
    expect(await page.evaluate("getComputedStyle(document.querySelector('.mistakes')).display")).toBe('grid');
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
