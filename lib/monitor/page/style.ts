import { pageStyle } from '../../page/style';

/** How a drift report looks, beyond what every page has. */
export const style = `${pageStyle}
:root { --good: light-dark(#1b7f3b, #6fd08c); }
.verdict { display: inline-block; padding: 0.25rem 0.9rem; border-radius: 0.5rem; font-size: 1.25rem; font-weight: 700; color: var(--paper); margin: 0.25rem 0 0.75rem; }
.verdict.quiet { background: var(--good); color: var(--paper); font-weight: 700; font-size: 1.25rem; }
.verdict.drift { background: var(--warn); }
.verdict.too-few { background: var(--amber); color: #1c1f24; }
td .quiet-mark { color: var(--good); }
td .drift-mark, .badge.drifted { color: var(--warn); font-weight: 600; }
td .too-few-mark, td .shown-mark { color: var(--quiet); }
tr.group th { font-weight: 600; padding-top: 0.9rem; border-bottom-color: var(--quiet); }
.checks th, .checks td { vertical-align: top; }
.checks td:nth-child(2) { white-space: nowrap; }
.checks .under { display: block; }
.checks .why { min-width: 16rem; }
.answers .bars { width: 45%; vertical-align: middle; }
rect.before { fill: var(--dark); fill-opacity: 0.25; shape-rendering: crispEdges; }
.now { fill: none; stroke: var(--blue); stroke-width: 1.8; stroke-linejoin: miter; }
.charts.small { grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.25rem 2rem; }
.charts h3 { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: baseline; margin-bottom: 0.25rem; }
.foreign { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1.25rem 1rem; }
.foreign img { width: 8rem; height: 8rem; object-fit: contain; }
.foreign figcaption { margin-top: 0.35rem; font-size: 0.8125rem; color: var(--ink); }
.foreign figcaption .quiet { font-size: inherit; }
.foreign strong { font-weight: 600; }
@media print {
  .foreign li { break-inside: avoid; }
}
`;
