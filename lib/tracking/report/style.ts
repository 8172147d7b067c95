import { pageStyle } from '../../page/style';

/** How a run's report looks, beyond what every page has. */
export const style = `${pageStyle}
.advice { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(27rem, 100%), 1fr)); gap: 0.75rem; }
.advice li { padding: 0.75rem 1rem; background: var(--panel); border-left: 4px solid var(--amber); border-radius: 0 0.5rem 0.5rem 0; }
.advice p { margin: 0.25rem 0 0; }
.charts { margin-bottom: 1.5rem; }
.curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.curve.train { stroke: var(--blue); fill: none; }
.curve.validation { stroke: var(--amber); fill: none; }
.curve.steps { stroke: var(--blue); stroke-width: 1; opacity: 0.35; }
.curve.alone { stroke: var(--blue); stroke-width: 1.4; }
.best { stroke: var(--quiet); stroke-dasharray: 3 3; }
.sample td { vertical-align: middle; }
.sample td:first-child { width: 5.5rem; }
.sample img { width: 4rem; height: 4rem; object-fit: contain; image-rendering: auto; }
.sample td:first-child { border-left: 4px solid transparent; padding-left: 0.5rem; }
.sample .wrong td:first-child { border-left-color: var(--warn); }
.sample .wrong .badge { color: var(--warn); }
.matrix { width: auto; font-size: 0.875rem; }
.matrix th, .matrix td { padding: 0.3rem 0.5rem; }
.matrix tbody th { white-space: nowrap; }
.matrix thead th:not(:first-child) { width: 5.5rem; min-width: 3.5rem; max-width: 7rem; white-space: normal; }
.right1 { background: light-dark(#e9f0fc, #1d2a42); }
.right2 { background: light-dark(#d3e2fa, #213253); }
.right3 { background: light-dark(#bcd3f7, #263c67); }
.right4 { background: light-dark(#a3c3f4, #2b477c); }
.right5 { background: light-dark(#8ab3f1, #305292); }
.mistaken1 { background: light-dark(#fdeceb, #3a2020); }
.mistaken2 { background: light-dark(#fad7d4, #4d2523); }
.mistaken3 { background: light-dark(#f6bfbb, #612b27); }
.mistaken4 { background: light-dark(#f2a7a1, #75302b); }
.mistaken5 { background: light-dark(#ee8f87, #8a352f); }
.settings { gap: 0.15rem 1.5rem; }
@media (min-width: 48rem) {
  .settings { grid-template-columns: max-content 1fr max-content 1fr; }
}
@media (max-width: 40rem) {
  .sample td, .sample th { padding-inline: 0.3rem; }
  .sample td:first-child { width: 4rem; }
  .sample img { width: 3rem; height: 3rem; }
  .settings { grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; }
  .settings dd { margin: 0; }
}
@media print {
  .advice li { break-inside: avoid; }
}
`;
