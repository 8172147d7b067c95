import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { findingKinds } from '../../contracts/schemas/dataset';
import { renderCardPage } from '../../lib/data/card/page';
import { cardContent, cardFinding, cardPicture, hostileNames } from '../support/card-content';
import { BrowserPage, findChromium } from '../support/chromium';
import { complaintsOf, requestsBeyond } from '../support/page-checks';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: the card is not tried in a browser.');

(chromium === undefined ? describe.skip : describe)('the data card in a browser', () => {
  let folder = '';
  let page: BrowserPage;
  let address = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-card-'));
    const jpeg = await sharp({ create: { width: 160, height: 110, channels: 3, background: '#c07030' } })
      .jpeg()
      .toBuffer();
    const names = ['cat', 'dog', ...hostileNames];
    const content = cardContent({
      name: hostileNames[0]!,
      licences: hostileNames.join('\n\n'),
      pictures: names.flatMap((name, at) =>
        Array.from({ length: 25 }, (_, n) =>
          cardPicture(name, n, { path: `${name}/${n}`, near: (at * 25 + n) % 120 }),
        ),
      ),
      findings: findingKinds.flatMap((kind) =>
        names.map((name, n) =>
          cardFinding(kind, `${name}/${n}`, {
            label: name,
            reason: `About ${name}`,
            other: `${names[(n + 1) % names.length]}/${n}`,
          }),
        ),
      ),
      thumbnail: async () => jpeg,
    });
    const file = join(folder, 'card.html');
    await writeFile(file, await renderCardPage(content));
    address = pathToFileURL(file).href;
    page = await BrowserPage.open(chromium ?? '');
    await page.visit(address);
  });

  afterAll(async () => {
    await page.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('opens without an error, a refusal of its own policy, or a request to anywhere', async () => {
    expect(complaintsOf(page)).toEqual([]);
    expect(requestsBeyond(page, address)).toEqual([]);
  });

  it('shows its pictures, and holds none of the elements that names tried to be', async () => {
    await page.evaluate("document.querySelectorAll('img').forEach((image) => { image.loading = 'eager'; })");
    expect(
      await page.evaluate(
        'Promise.all([...document.images].map((image) => image.decode())).then(() => true)',
      ),
    ).toBe(true);
    expect(await page.evaluate('document.images.length')).toBeGreaterThan(100);
    expect(await page.evaluate('document.scripts.length')).toBe(1);
    expect(await page.evaluate("document.querySelector('h1').textContent")).toBe(hostileNames[0]);
    expect(await page.evaluate("getComputedStyle(document.querySelector('main')).display")).toBe('block');
  });

  it.each([360, 768, 1200])('needs no scrolling sideways on a screen of %d pixels', async (width) => {
    await page.send('Emulation.setDeviceMetricsOverride', {
      width,
      height: 800,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await page.evaluate(
      "document.querySelectorAll('details').forEach((details) => { details.open = true; })",
    );
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    const beyond = await page.evaluate(
      `[...document.querySelectorAll('main *, header *')].filter((element) => !element.closest('.scroll, svg, nav') && element.getBoundingClientRect().right > ${width} + 1).map((element) => element.outerHTML.slice(0, 200)).slice(0, 3)`,
    );
    expect(beyond).toEqual([]);
    expect(wide).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'])('has text that stands out from its ground, when %s', async (value) => {
    await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    const colours = await page.evaluate(`(() => {
      const of = (element, property) => getComputedStyle(element)[property].match(/[\\d.]+/g).slice(0, 3).map(Number);
      const paper = of(document.body, 'backgroundColor');
      const panel = of(document.querySelector('.tiles > div'), 'backgroundColor');
      return ['body', '.quiet', 'a', 'h3 .badge', 'code'].flatMap((name) =>
        [paper, panel].map((ground) => ({ name, ink: of(document.querySelector(name), 'color'), ground })));
    })()`);
    expect(colours).toHaveLength(10);
    // WCAG 2.2, 1.4.3: 4.5 to 1 for text.
    expect(colours.filter(({ ink, ground }: any) => contrast(ink, ground) < 4.5)).toEqual([]);
  });

  it('finds files by what is typed, and says how many', async () => {
    const type = (text: string) =>
      page.evaluate(
        `(() => { const field = document.getElementById('filter'); field.value = ${JSON.stringify(text)}; field.dispatchEvent(new Event('input')); })()`,
      );
    expect(await page.evaluate("document.querySelector('.filter').hidden")).toBe(false);
    await type('ABOUT DOG');
    const shown = await page.evaluate(
      "[...document.querySelectorAll('.files tbody tr')].filter((row) => !row.hidden).map((row) => row.textContent)",
    );
    expect(shown).toHaveLength(findingKinds.length);
    for (const text of shown) expect(text).toContain('About dog');
    expect(await page.evaluate("document.getElementById('matches').textContent")).toBe(
      `${findingKinds.length} lines of those listed here`,
    );
    await type('no such file');
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('#findings details')].every((details) => details.hidden)",
      ),
    ).toBe(true);
    await type('');
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('#findings details')].some((details) => details.hidden)",
      ),
    ).toBe(false);
  });
});

/** Relative luminance and contrast as in WCAG 2.2. */
function contrast(one: readonly number[], other: readonly number[]): number {
  const luminance = (colour: readonly number[]) => {
    const [red = 0, green = 0, blue = 0] = colour.map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
