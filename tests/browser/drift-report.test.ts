import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { driftGroupNames } from '../../contracts/schemas/drift';
import { histogramOf } from '../../lib/monitor/histogram';
import { driftPage } from '../../lib/monitor/page/page';
import { hostileNames } from '../support/card-content';
import { BrowserPage, findChromium } from '../support/chromium';
import { lookOf } from '../support/drifting';
import { complaintsOf, leastContrast, requestsBeyond, violationsOf } from '../support/page-checks';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: the report is not tried in a browser.');

const classes = ['cat', ...hostileNames].slice(0, 10);
const values = Array.from({ length: 200 }, (_, at) => at);

/** A page with all that it may have, of classes and reasons that mean it no good. */
async function hostilePage(): Promise<string> {
  const jpeg = await sharp({ create: { width: 16, height: 9, channels: 3, background: '#306090' } })
    .jpeg()
    .toBuffer();
  const look = lookOf({ verdict: 'drift' });
  const [check] = look.findings.checks;
  if (check === undefined) throw new Error('there should be a check');
  const checks = driftGroupNames.map((kind, at) => ({ ...check, kind, why: classes[at] ?? '' }));
  const histogram = histogramOf(
    'Sharpness',
    values,
    values.map((value) => value / 9),
    'log',
  );
  return driftPage({
    look: { ...look, reason: `Drift of ${classes.join(', ')}`, findings: { ...look.findings, checks } },
    distributions: histogram === undefined ? [] : [{ ...histogram, drifted: true }],
    shares: classes.map((name, at) => ({ class: name, reference: at / 45, window: (9 - at) / 45 })),
    foreign: classes.map((name, at) => ({
      ...{ id: `6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f1${at}`, at: look.at, answer: name, confidence: 0.5 },
      ...{ label: at % 2 === 0 ? name : undefined, beyond: 0.99 },
      image: `data:image/jpeg;base64,${jpeg.toString('base64')}`,
    })),
    written: 0,
  });
}

(chromium === undefined ? describe.skip : describe)('the report of a look for drift in a browser', () => {
  let folder = '';
  let page: BrowserPage;
  let address = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-drift-report-'));
    const file = join(folder, 'report.html');
    await writeFile(file, await hostilePage());
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

  it('shows its verdict, its pictures and its charts, and holds no script', async () => {
    expect(await page.evaluate("document.querySelector('.verdict').textContent")).toBe('Drift');
    expect(
      await page.evaluate(
        'Promise.all([...document.images].map((image) => image.decode())).then(() => document.images.length)',
      ),
    ).toBe(classes.length);
    expect(await page.evaluate("document.querySelectorAll('polyline.now').length")).toBe(1);
    expect(await page.evaluate('document.scripts.length')).toBe(0);
  });

  it.each([360, 768, 1280])('fits a window of %d pixels', async (width) => {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: true };
    await page.send('Emulation.setDeviceMetricsOverride', metrics);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'] as const)('has text that can be read in %s', async (scheme) => {
    expect(await leastContrast(page, scheme)).toBeGreaterThanOrEqual(4.5);
  });

  it('can be used by everybody, as far as axe can tell', async () => {
    expect(await violationsOf(page)).toEqual([]);
  });
});
