import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sweepReport } from '../../lib/sweeps/report/page';
import { hostileNames } from '../support/card-content';
import { BrowserPage, findChromium } from '../support/chromium';
import { complaintsOf, leastContrast, requestsBeyond } from '../support/page-checks';
import { sweepRecord, trialRecord } from '../support/sweep-record';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: the report is not tried in a browser.');

const parameters = {
  lr: { distribution: 'log_uniform_values', min: 1e-5, max: 0.1 },
  optimizer: { values: hostileNames },
  momentum: { distribution: 'uniform', min: 0, max: 1, when: { optimizer: hostileNames[0] } },
};

const trials = Array.from({ length: 40 }, (_, index) => {
  const metric = Math.abs(index - 20) / 10 + 0.1;
  return trialRecord(index + 1, {
    parameters: {
      lr: 10 ** (-5 + index / 10),
      optimizer: hostileNames[index % hostileNames.length],
      ...(index % hostileNames.length === 0 && { momentum: index / 40 }),
    },
    metric,
    values: [2, 1, metric],
    run: `run-${index + 1}`,
    ...(index % 7 === 3 && { state: 'stopped', epochs: 3, why: hostileNames[index % hostileNames.length] }),
    ...(index === 9 && { state: 'failed', failure: hostileNames.join('\n'), metric: undefined }),
  });
});

(chromium === undefined ? describe.skip : describe)('the report of a sweep in a browser', () => {
  let folder = '';
  let page: BrowserPage;
  let address = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-report-'));
    const record = sweepRecord(
      trials,
      { parameters, early_terminate: { type: 'median' }, description: hostileNames.join(' ') },
      hostileNames[0],
    );
    const file = join(folder, 'report.html');
    await writeFile(file, sweepReport(record, { at: Date.UTC(2026, 10, 25), storeAt: '../../' }));
    address = pathToFileURL(file).href;
    page = await BrowserPage.open(chromium ?? '');
  });

  afterAll(async () => {
    await page.close();
    await rm(folder, { recursive: true, force: true });
  });

  const says = () =>
    page.evaluate("document.querySelector('#parallel .readout').textContent") as Promise<string>;
  const mouse = (type: string, x: number, y: number) =>
    page.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons: 1, clickCount: 1 });

  /** Where a point of the drawing is in the window. */
  const placeOf = (expression: string) =>
    page.evaluate(`(() => {
      const svg = document.getElementById('brushed');
      svg.scrollIntoView({ block: 'center' });
      const { x, y } = new DOMPoint(...(${expression})).matrixTransform(svg.getScreenCTM());
      return [x, y];
    })()`) as Promise<[number, number]>;

  /** The points of a trial's line. */
  const lineOf = (trial: number) =>
    `document.querySelector('#brushed path[data-t="${trial}"]').getAttribute('d').slice(1).split('L').map((pair) => pair.split(' ').map(Number))`;

  it('opens without an error, a refusal of its own policy, or a request to anywhere', async () => {
    await page.visit(address);
    expect(complaintsOf(page)).toEqual([]);
    expect(requestsBeyond(page, address)).toEqual([]);
    expect(await page.evaluate("document.querySelectorAll('img').length")).toBe(0);
    expect(await page.evaluate('document.scripts.length')).toBe(1);
  });

  it('names the trial whose line is pointed at, and shows it in every chart', async () => {
    await page.visit(address);
    const [x, y] = await placeOf(`(([one]) => one)(${lineOf(5)})`);
    await mouse('mouseMoved', x + 1, y);
    expect(await says()).toMatch(/^Trial 5, finished: validation loss 1\.7 · lr 2\.512e-5 · /);
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('.on')].every((one) => one.dataset.t === '5') && document.querySelectorAll('svg .on').length",
      ),
    ).toBe(6);
    await mouse('mouseMoved', 2, 2);
    expect(await says()).toMatch(/^Point at a line/);
  });

  it('keeps the trials between two places of an axis, in the table too, until all are asked for', async () => {
    await page.visit(address);
    // From just above trial 20 to just below trial 11, along the learning rate.
    const [x, from] = await placeOf(`(([[x, y]]) => [x, y - 1])(${lineOf(20)})`);
    const [, to] = await placeOf(`(([[x, y]]) => [x, y + 1])(${lineOf(11)})`);
    await mouse('mouseMoved', x, from);
    await mouse('mousePressed', x, from);
    await mouse('mouseMoved', x, (from + to) / 2);
    await mouse('mouseMoved', x, to);
    await mouse('mouseReleased', x, to);
    await mouse('mouseMoved', 2, 2);
    expect(await says()).toMatch(/^10 of 39 trials lie between the marks/);
    const shown = `[...document.querySelectorAll('table.trials tbody tr')].filter((row) => row.offsetHeight > 0).map((row) => Number(row.dataset.t))`;
    expect(await page.evaluate(shown)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    await page.evaluate("document.querySelector('#parallel .readout button').click()");
    expect(await page.evaluate(`${shown}.length`)).toBe(40);
    expect(await page.evaluate("document.querySelectorAll('.brush').length")).toBe(0);
  });

  it('sorts its table by a column, and back, with what has no value last', async () => {
    await page.visit(address);
    const order =
      "[...document.querySelectorAll('table.trials tbody tr')].map((row) => Number(row.dataset.t))";
    const sort = "document.querySelectorAll('table.trials thead button')[2].click()";
    await page.evaluate(sort);
    const rising = (await page.evaluate(order)) as number[];
    await page.evaluate(sort);
    const falling = (await page.evaluate(order)) as number[];
    expect([rising[0], rising.at(-1)]).toEqual([21, 10]);
    expect([falling[0], falling.at(-1)]).toEqual([1, 10]);
  });

  it('reads without its script', async () => {
    await page.send('Emulation.setScriptExecutionDisabled', { value: true });
    await page.visit(address);
    await page.send('Emulation.setScriptExecutionDisabled', { value: false });
    expect(await page.evaluate("document.querySelectorAll('#brushed path.trial').length")).toBe(39);
    expect(
      await page.evaluate("document.querySelectorAll('table.trials button, .readout:not([hidden])').length"),
    ).toBe(0);
  });

  it.each([360, 768, 1280])('fits a window of %d pixels', async (width) => {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: true };
    await page.send('Emulation.setDeviceMetricsOverride', metrics);
    await page.visit(address);
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'] as const)('has text that can be read in %s', async (scheme) => {
    await page.visit(address);
    expect(await leastContrast(page, scheme)).toBeGreaterThanOrEqual(4.5);
  });
});
