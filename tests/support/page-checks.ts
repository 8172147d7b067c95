import { source as axe } from 'axe-core';
import type { BrowserPage } from './chromium';

/** What a page was refused or said of itself while it opened: errors, its own policy's complaints, dialogs. */
export function complaintsOf(page: BrowserPage): readonly unknown[] {
  return page.events.filter(({ method }) =>
    /^(Log.entryAdded|Runtime.exceptionThrown|Runtime.consoleAPICalled|Page.javascriptDialogOpening)$/.test(
      method,
    ),
  );
}

/** What a page asked of anybody but itself. */
export function requestsBeyond(page: BrowserPage, address: string): readonly string[] {
  const requested = page.events.flatMap(({ method, params }) =>
    method === 'Network.requestWillBeSent' ? [params.request.url as string] : [],
  );
  return requested.filter((url) => !url.startsWith('data:') && url !== address);
}

/** The least contrast of any text to what stands behind it, by WCAG's formula; 4.5 is what it asks for. */
export async function leastContrast(page: BrowserPage, scheme: 'light' | 'dark'): Promise<number> {
  await page.send('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: scheme }],
  });
  return (await page.evaluate(`
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
        ...[...document.querySelectorAll('p, td, th, dt, dd, a, h1, h2, h3, .badge, .quiet, .state, strong')].map((element) => {
          const [one, other] = [getComputedStyle(element).color, background(element)].map(luminance);
          return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        }),
      );
    })()`)) as number;
}

/** What axe-core minds in the page as it stands: each rule with the element that breaks it. */
export async function violationsOf(page: BrowserPage): Promise<string[]> {
  return page.evaluate(
    `${axe}; axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
  );
}
