import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAdministrationApp } from '../../api/administration/app';
import { createLoginLimit } from '../../api/administration/login-limit';
import type { Administration } from '../../api/administration/administration';
import { createModelReader } from '../../api/models-page/read-models';
import { startServer, type RunningServer } from '../../api/server';
import { createLogger } from '../../lib/logging/logger';
import { createFolderStore } from '../../lib/storage/folder-store';
import { sha256 } from '../../lib/storage/refs';
import { BrowserPage, findChromium } from '../support/chromium';
import { complaintsOf, leastContrast } from '../support/page-checks';
import { registerWithFigures } from '../support/registry-with-figures';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: administration is not tried in one.');

const token = 'a-token-of-adas-that-is-long';
const logger = createLogger({ level: 'error', service: 'test' });

(chromium === undefined ? describe.skip : describe)('the administration in a browser', () => {
  let folder = '';
  let page: BrowserPage;
  let server: RunningServer;
  const decided: unknown[][] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-admin-'));
    const store = createFolderStore(folder);
    const registry = await registerWithFigures(store, ['one', 'two']);
    const administration: Administration = {
      pending: () =>
        Promise.resolve(
          decided.length > 0 ? [] : [{ workflow: 'promote-animals-v2', model: 'animals', version: 2 }],
        ),
      decide: async (...given) => void decided.push(given),
      rollback: () => Promise.resolve(1),
    };
    const app = createAdministrationApp({
      ...{ administration, registry, logger, store, loginLimit: await createLoginLimit() },
      reader: createModelReader({ store, fresh: 0 }),
      principals: [{ name: 'ada', sha256: sha256(token) }],
    });
    server = await startServer({ app, host: '127.0.0.1', port: 0, logger });
    page = await BrowserPage.open(chromium ?? '');
  });

  afterAll(async () => {
    await page.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Waits for what another page shows: a form has been sent. */
  async function shown(text: string): Promise<void> {
    for (;;) {
      const words = await page.evaluate('document.body?.innerText ?? ""').catch(() => '');
      if (String(words).includes(text)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('lets somebody come in and decide, by forms that need no script', async () => {
    await page.visit(`http://127.0.0.1:${server.port}/`);
    await page.evaluate(
      `document.querySelector('[name=token]').value = '${token}'; document.querySelector('button').click()`,
    );
    await shown('animals, version 2');
    expect(complaintsOf(page).filter((each) => JSON.stringify(each).includes('Refused'))).toEqual([]);
    await page.evaluate("document.querySelector('article [name=reason]').value = 'looks right'");
    await page.evaluate("document.querySelector('article [value=reject]').click()");
    await shown('No promotion waits');
    expect(decided).toEqual([['promote-animals-v2', 'reject', { by: 'ada', reason: 'looks right' }]]);
  });

  it.each([360, 1280])('fits a window of %d pixels', async (width) => {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: true };
    await page.send('Emulation.setDeviceMetricsOverride', metrics);
    await page.visit(`http://127.0.0.1:${server.port}/`);
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'] as const)('has text that can be read in %s', async (scheme) => {
    await page.visit(`http://127.0.0.1:${server.port}/`);
    expect(await leastContrast(page, scheme)).toBeGreaterThanOrEqual(4.5);
  });
});
