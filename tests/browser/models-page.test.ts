import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { createModelReader } from '../../api/models-page/read-models';
import { modelsRoutes } from '../../api/models-page/routes';
import { startServer, type RunningServer } from '../../api/server';
import { createLogger } from '../../lib/logging/logger';
import { createFolderStore } from '../../lib/storage/folder-store';
import { hostileNames } from '../support/card-content';
import { BrowserPage, findChromium } from '../support/chromium';
import { complaintsOf, leastContrast, requestsBeyond } from '../support/page-checks';
import { registerWithFigures } from '../support/registry-with-figures';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: the pages are not tried in a browser.');

const logger = createLogger({ level: 'error', service: 'test' });

(chromium === undefined ? describe.skip : describe)('the pages about models in a browser', () => {
  let folder = '';
  let page: BrowserPage;
  let server: RunningServer;
  const address = (path: string) => `http://127.0.0.1:${server.port}${path}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-models-'));
    const store = createFolderStore(folder);
    const registry = await registerWithFigures(store, ['one', 'two', 'three'], hostileNames);
    for (const [at, reason] of hostileNames.entries()) {
      const expected = (await registry.alias('animals', 'champion'))?.generation;
      const move = { version: (at % 3) + 1, expected, by: reason, reason };
      await registry.moveAlias('animals', 'champion', move);
    }
    const app = express();
    app.use(modelsRoutes(createModelReader({ store }), logger));
    server = await startServer({ app, host: '127.0.0.1', port: 0, logger });
    page = await BrowserPage.open(chromium ?? '');
  });

  afterAll(async () => {
    await page.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['/models', '/models/animals/2'])(
    '%s opens without an error, a refusal of its policy, or a request to anywhere',
    async (path) => {
      await page.visit(address(path));
      expect(complaintsOf(page)).toEqual([]);
      expect(requestsBeyond(page, address(path))).toEqual([]);
      expect(await page.evaluate('document.scripts.length')).toBe(0);
    },
  );

  it('leads by the keyboard from the list to the champion', async () => {
    await page.visit(address('/models'));
    const champion = await page.evaluate("document.querySelector('.tiles a').getAttribute('href')");
    const key = (name: string, text = '') =>
      page.send('Input.dispatchKeyEvent', {
        type: 'keyDown',
        key: name,
        code: name,
        windowsVirtualKeyCode: name === 'Tab' ? 9 : 13,
        text,
      });
    await key('Tab');
    await key('Tab');
    expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe(champion);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await key('Enter', '\r');
    for (;;) {
      const path = await page.evaluate('location.pathname').catch(() => undefined);
      if (path === champion) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it.each([360, 768, 1280])('fit a window of %d pixels', async (width) => {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: true };
    await page.send('Emulation.setDeviceMetricsOverride', metrics);
    for (const path of ['/models', '/models/animals/2']) {
      await page.visit(address(path));
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });

  it.each(['light', 'dark'] as const)('have text that can be read in %s', async (scheme) => {
    for (const path of ['/models', '/models/animals/2']) {
      await page.visit(address(path));
      expect(await leastContrast(page, scheme)).toBeGreaterThanOrEqual(4.5);
    }
  });
});
