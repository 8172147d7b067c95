import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAdministrationApp } from '../../api/administration/app';
import { createLoginLimit } from '../../api/administration/login-limit';
import { createModelReader } from '../../api/models-page/read-models';
import { startServer, type RunningServer } from '../../api/server';
import { readDecisions } from '../../lib/feedback/log';
import { createLogger } from '../../lib/logging/logger';
import { createRegistry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import { sha256 } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { BrowserPage, findChromium } from '../support/chromium';
import { complaintsOf, leastContrast } from '../support/page-checks';
import { blocks, keepAnswers } from '../support/reviewed-store';

const chromium = findChromium();
if (chromium === undefined) console.warn('There is no Chromium here: the review is not tried in one.');

const token = 'a-token-of-adas-that-is-long';
const logger = createLogger({ level: 'error', service: 'test' });

(chromium === undefined ? describe.skip : describe)('the review of feedback in a browser', () => {
  let folder = '';
  let store: Store;
  let page: BrowserPage;
  let server: RunningServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-review-'));
    store = createFolderStore(join(folder, 'store'));
    const said = [{ label: 'dog', by: 'eve' }];
    const pictures = await Promise.all([101, 102, 103, 104].map((seed) => blocks(seed)));
    await keepAnswers(
      store,
      folder,
      pictures.map((picture) => ({ picture, said })),
    );
    const app = createAdministrationApp({
      administration: {
        pending: () => Promise.resolve([]),
        decide: () => Promise.resolve(),
        rollback: () => Promise.resolve(undefined),
      },
      ...{ registry: createRegistry(store), reader: createModelReader({ store, fresh: 0 }), logger, store },
      principals: [{ name: 'ada', sha256: sha256(token) }],
      loginLimit: await createLoginLimit(),
    });
    server = await startServer({ app, host: '127.0.0.1', port: 0, logger });
    page = await BrowserPage.open(chromium ?? '');
    await page.visit(`http://127.0.0.1:${server.port}/`);
    await page.evaluate(
      `document.querySelector('[name=token]').value = '${token}'; document.querySelector('button').click()`,
    );
    await shown('You are ada');
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

  async function press(key: string): Promise<void> {
    const code = key === 'Enter' ? { windowsVirtualKeyCode: 13, text: '\r' } : { text: key };
    await page.send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...code });
    await page.send('Input.dispatchKeyEvent', { type: 'keyUp', key });
  }

  const visit = () => page.visit(`http://127.0.0.1:${server.port}/feedback/pets`);

  it('shows the picture large, and lets one decide by keys alone', async () => {
    await visit();
    expect(await page.evaluate("document.querySelector('.review img').naturalWidth")).toBe(64);
    expect(await page.evaluate("document.querySelector('.review img').clientWidth")).toBeGreaterThan(300);
    expect(complaintsOf(page).filter((each) => JSON.stringify(each).includes('Refused'))).toEqual([]);
    await press('a');
    await shown('3 pictures wait');
    await press('r');
    await shown('2 pictures wait');
    await press('c');
    // The letter went to the shortcut; what is typed from here on goes to the field, shortcuts' letters, too.
    for (const key of 'cat') await press(key);
    await press('Enter');
    await shown('1 picture waits');
    const log = await readDecisions(store, 'pets');
    expect(log.map(({ action, label, by }) => [action, label, by])).toEqual([
      ['accept', 'dog', 'ada'],
      ['refuse', undefined, 'ada'],
      ['correct', 'cat', 'ada'],
    ]);
  });

  it('does the same by forms where no script runs', async () => {
    await page.send('Emulation.setScriptExecutionDisabled', { value: true });
    await visit();
    await page.evaluate('document.querySelector(\'[aria-label^="Undo the decision"]\').click()');
    await shown('2 pictures wait');
    await page.evaluate("document.querySelector('.review [value=accept]').click()");
    await shown('1 picture waits');
    await page.send('Emulation.setScriptExecutionDisabled', { value: false });
  });

  it.each([360, 1280])('fits a window of %d pixels', async (width) => {
    await page.send('Emulation.setDeviceMetricsOverride', {
      width,
      height: 800,
      deviceScaleFactor: 1,
      mobile: true,
    });
    await visit();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'] as const)('has text that can be read in %s', async (scheme) => {
    await visit();
    expect(await leastContrast(page, scheme)).toBeGreaterThanOrEqual(4.5);
  });
});
