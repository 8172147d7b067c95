import { createHash } from 'node:crypto';
import { html, trusted, type Markup } from './html';

export interface PageDocument {
  readonly title: string;
  /** Of the page's own code: nothing that came from outside. */
  readonly style: string;
  /** Likewise; without one, no script runs at all. */
  readonly script?: string;
  /**
   * Whether its forms may be sent to whoever served it; else none may be sent at all. With no referrer at all, browsers
   * would not say either that a form comes from this very origin.
   */
  readonly forms?: boolean;
  readonly body: Markup;
}

/**
 * One HTML page that needs nothing else: no request to anywhere, and safe to open whatever the names in it are, as
 * its policy lets nothing run or load but its own style and script, named by their digests, and pictures in `data:`.
 */
export function renderDocument({ title, style, script, forms, body }: PageDocument): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${documentPolicy(style, script, forms)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="${forms ? 'same-origin' : 'no-referrer'}" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${element('style', style)}
      </head>
      <body>
        ${body} ${script === undefined ? undefined : element('script', script)}
      </body>
    </html> `.toString();
}

/** Character for character what the policy's digest is of: a space more, and the browser refuses it. */
function element(name: 'style' | 'script', text: string): Markup {
  return trusted(`<${name}>${text}</${name}>`);
}

/**
 * The policy of a page with this style and script, which stands in the page itself; whoever serves the page may send
 * it as a header, too, and add to it what only a header can say.
 */
export function documentPolicy(style: string, script?: string, forms = false): string {
  const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const scripts = script === undefined ? '' : `script-src ${digest(script)}; `;
  return `default-src 'none'; img-src data:; style-src ${digest(style)}; ${scripts}base-uri 'none'; form-action ${forms ? "'self'" : "'none'"}`;
}
