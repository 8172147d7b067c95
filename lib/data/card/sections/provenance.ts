import { shortVersion } from '../../versions';
import type { CardContent } from '../content';
import { moment, percent } from '../../../page/figures';
import { html, type Markup } from '../../../page/html';
import { nameMarkup } from '../../../page/names';
import { prose } from '../prose';

/** Where the pictures are from, under which licences, and how to get back to them. */
export function provenance({ name, version, previous, at, source, licences, split }: CardContent): Markup {
  const train = 1 - split.validation - split.test;
  const share = (part: number) => percent(Math.round(part * 1000), 1000);
  return html`<section id="provenance" aria-labelledby="provenance-title">
    <h2 id="provenance-title">Provenance</h2>
    <dl class="facts">
      <dt>Version</dt>
      <dd>
        <code>${version}</code><br /><span class="quiet"
          >SHA-256 of the manifest: the same pictures, labels and splits give the same version.</span
        >
      </dd>
      ${
        previous
          ? html`<dt>Version before</dt>
              <dd><code>${previous.version}</code></dd>`
          : undefined
      }
      <dt>Source</dt>
      <dd>${nameMarkup(source, 300)}</dd>
      <dt>Ingested</dt>
      <dd><time datetime="${at}">${moment(at)}</time></dd>
      <dt>Split</dt>
      <dd>
        seed ${split.seed}: ${share(train)} train, ${share(split.validation)} validation, ${share(split.test)}
        test, where the source does not say otherwise; a picture keeps its split in later versions
      </dd>
    </dl>
    <h3>Licences</h3>
    <div class="prose">${prose(licences)}</div>
    <h3>Back to the pictures</h3>
    <p>All pictures of this version as files, in a folder named pictures:</p>
    <pre><code>drover data export ${wish(name, version)} pictures</code></pre>
    ${
      previous
        ? html`<p>What changed since the version before:</p>
            <pre><code>drover data diff ${wish(name, previous.version)} ${wish(name, version)}</code></pre>`
        : undefined
    }
  </section>`;
}

/** A version as the command line takes it. */
function wish(name: string, version: string): Markup {
  return html`${nameMarkup(name)}@${shortVersion(version)}`;
}
