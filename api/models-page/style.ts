import { pageStyle } from '../../lib/page/style';

/** What the pages about models add to the look that all pages have. */
export const modelsStyle = `${pageStyle}
.crumbs { font-size: 0.9375rem; }
.champion { color: var(--link); }
.badges { display: flex; flex-wrap: wrap; gap: 0.25rem; }
.models h2 { margin-top: 2.5rem; }
.versions .interval { width: 34%; min-width: 7rem; }
.versions td, .versions tbody th { vertical-align: middle; }
.versions tr.served th, .versions tr.served td { background: var(--panel); }
.versions th[scope='row'] { white-space: nowrap; }
.strip .range { fill: var(--quiet); }
.strip .point { fill: var(--blue); }
.events td:first-child, .events time { white-space: nowrap; }
.events .why { min-width: 14rem; overflow-wrap: anywhere; }
.digest { font-size: 0.8125rem; color: var(--quiet); }
.verdict { font-weight: 600; white-space: nowrap; }
.verdict.fail { color: var(--warn); }
.matrix th, .matrix td { padding: 0.3rem 0.4rem; }
.matrix .right { background: color-mix(in srgb, var(--blue) var(--share), var(--paper)); }
.matrix .wrong { background: color-mix(in srgb, var(--warn) var(--share), var(--paper)); }
${[1, 2, 3, 4, 5].map((shade) => `.matrix .s${shade} { --share: ${shade * 7}%; }`).join('\n')}
@media (max-width: 40rem) {
  .versions .interval { min-width: 4.5rem; }
  .versions .listed svg { display: none; }
  .versions .badges { flex-direction: column; align-items: flex-start; }
  .versions .quietly, .events .quietly { display: none; }
  .events table, .events tbody, .events tr, .events td { display: block; }
  .events thead { display: none; }
  .events td { border: 0; padding: 0; }
  .events tr { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
}
`;
