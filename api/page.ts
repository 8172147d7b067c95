import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Page {
  readonly html: string;
  /** Sources for a Content-Security-Policy that lets the page's own inline script and style run, and no other. */
  readonly scriptSource: string;
  readonly styleSource: string;
}

function hashSource(html: string, element: 'script' | 'style'): string {
  const text = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(html)?.[1];
  if (text === undefined) throw new Error(`api/page/index.html has no <${element}>`);
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Reads the page that `GET /` answers, once. */
export function readPage(): Page {
  const html = readFileSync(join(__dirname, 'page', 'index.html'), 'utf8');
  return { html, scriptSource: hashSource(html, 'script'), styleSource: hashSource(html, 'style') };
}
