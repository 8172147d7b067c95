import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { openapiRoutes } from '../../api/openapi/routes';
import { startServer, type RunningServer } from '../../api/server';
import { createLogger } from '../../lib/logging/logger';
import { BrowserPage, findChromium } from '../support/chromium';
import { complaintsOf, leastContrast, requestsBeyond, violationsOf } from '../support/page-checks';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: /docs is not tried in a browser.');

(chromium === undefined ? describe.skip : describe)('the page about the API in a browser', () => {
  let page: BrowserPage;
  let server: RunningServer;
  let address = '';

  beforeAll(async () => {
    const logger = createLogger({ level: 'error', service: 'test' });
    server = await startServer({ app: express().use(openapiRoutes()), host: '127.0.0.1', port: 0, logger });
    address = `http://127.0.0.1:${server.port}/docs`;
    page = await BrowserPage.open(chromium ?? '');
  });

  afterAll(async () => {
    await page.close();
    await server.close();
  });

  it('opens without an error, a refusal of its policy, a script, or a request to anywhere', async () => {
    await page.visit(address);
    expect(complaintsOf(page)).toEqual([]);
    expect(requestsBeyond(page, address)).toEqual([]);
    expect(await page.evaluate('document.scripts.length')).toBe(0);
  });

  it.each([360, 1280])('fits a window of %d pixels, with all of it open', async (width) => {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: true };
    await page.send('Emulation.setDeviceMetricsOverride', metrics);
    await page.visit(address);
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'] as const)(
    'has text that can be read in %s, and nothing that axe minds',
    async (scheme) => {
      await page.visit(address);
      expect(await leastContrast(page, scheme)).toBeGreaterThanOrEqual(4.5);
      expect(await violationsOf(page)).toEqual([]);
    },
  );
});
