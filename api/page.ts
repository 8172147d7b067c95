import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Page {
  readonly html: string;
  /** Sources for a Content-Security-Policy that lets the page's own inline script and style run, and no other. */
  readonly scriptSource: string;
  readonly styleSource: string;
}

export interface PageLimits {
  /** Pictures of more bytes are made smaller in the browser before they are sent. */
  readonly maxUploadBytes: number;
}

function read(name: string): string {
  return readFileSync(join(__dirname, 'page', name), 'utf8');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/**
 * Reads the page that `GET /` answers, once: its parts in `page/` put into one document that asks for nothing else. The
 * scripts become one module, in the order in which the document names them, so that they share their names with nobody else.
 */
export function readPage({ maxUploadBytes }: PageLimits): Page {
  const scripts: string[] = [];
  const styles: string[] = [];
  const html = read('index.html')
    .replace(/\s*<script src="([a-z-]+\.js)"><\/script>/g, (_, name: string) => {
      scripts.push(read(name));
      return '';
    })
    .replace(/\s*<link rel="stylesheet" href="([a-z-]+\.css)" \/>/g, (_, name: string) => {
      styles.push(read(name));
      return '';
    });
  const [script, style] = [scripts.join('\n'), styles.join('\n')];
  if (/<\/(script|style)/i.test(script + style))
    throw new Error('api/page would end its own script or style');
  return {
    html: html
      .replace('data-max-bytes=""', `data-max-bytes="${maxUploadBytes}"`)
      .replace('</head>', () => `<style>${style}</style></head>`)
      .replace('</body>', () => `<script type="module">${script}</script></body>`),
    scriptSource: hashSource(script),
    styleSource: hashSource(style),
  };
}
