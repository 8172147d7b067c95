import { pageStyle } from '../../page/style';

/** From the worst figure to the best, rising in lightness against the page too, so that nobody has to tell them by hue. */
const shades = [
  'light-dark(#dcbf85, #7f6b42)',
  'light-dark(#bdb684, #7f7f4e)',
  'light-dark(#8fb08d, #638d68)',
  'light-dark(#5c9fa4, #4b9899)',
  'light-dark(#3b82b3, #4f9fd0)',
  'light-dark(#2a5fb0, #84bdf5)',
  'light-dark(#173683, #d3e6ff)',
];

/** How a sweep's report looks, beyond what every page has. */
export const style = `${pageStyle}
${shades.map((color, at) => `.g${at} { --shade: ${color}; }`).join('\n')}
.broad { display: block; width: 100%; min-width: 54rem; height: auto; }
.lines { touch-action: pan-y; }
.steps { fill: none; stroke: var(--blue); stroke-width: 2; stroke-linejoin: round; }
.ground { stroke: var(--quiet); shape-rendering: crispEdges; }
.upright { stroke: var(--ink); shape-rendering: crispEdges; }
.shades rect { fill: var(--shade); }
.shades svg { margin: 0 0.35rem; }
circle.finished { fill: var(--shade); stroke: var(--paper); stroke-width: 0.75; }
circle.stopped, circle.paused, circle.running { fill: var(--paper); stroke: var(--shade); stroke-width: 1.75; }
circle.paused { stroke-dasharray: 2.2 1.6; }
circle.running { stroke-dasharray: 1 1.5; }
.cross, .ended { fill: none; stroke-width: 2; stroke-linecap: round; }
.cross { stroke: var(--warn); }
.ended { stroke: var(--shade); }
path.trial { fill: none; stroke: var(--shade); stroke-width: 1.3; stroke-linejoin: round; opacity: 0.85; }
/* So many that the best would cover all others. */
.many path.trial { stroke-width: 0.9; opacity: 0.4; }
path.winner, .many path.winner { stroke-width: 3; opacity: 1; }
svg text.named { fill: var(--ink); stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; paint-order: stroke; }
svg text.title { font-weight: 600; }
.handle { fill: transparent; cursor: ns-resize; touch-action: none; }
.brush { fill: var(--blue); fill-opacity: 0.22; stroke: var(--blue); pointer-events: none; }
.linked [data-t] { transition: opacity 0.1s; }
.chosen .linked [data-t].out { opacity: 0.06; pointer-events: none; }
.pointing .linked [data-t]:not(.on) { opacity: 0.1; }
.linked path.trial.on { stroke-width: 3; opacity: 1; }
.linked circle.on { stroke: var(--ink); stroke-width: 2; opacity: 1; }
tr.on > * { background: var(--panel); }
tr.out { display: none; }
.readout { min-height: 2.6rem; margin: 0.25rem 0 0; max-width: none; }
.readout button { font: inherit; color: var(--link); background: none; border: 1px solid currentColor; border-radius: 0.3rem; margin-left: 0.5rem; cursor: pointer; }
.caution { padding: 0.75rem 1rem; background: var(--panel); border-left: 4px solid var(--amber); border-radius: 0 0.5rem 0.5rem 0; }
.importance { table-layout: fixed; margin-bottom: 0.75rem; }
.importance th:first-child { width: 28%; overflow-wrap: anywhere; }
.measure { display: flex; align-items: center; gap: 0.75rem; }
.measure .number { flex: 0 0 4rem; }
.measure svg { flex: 1 1 auto; min-width: 0; }
.rail { fill: var(--panel); }
.plain { fill: var(--blue); }
.rises { fill: var(--amber); }
.falls { fill: var(--blue); }
.saving { fill: var(--amber); }
#saved .bar { margin-top: 0.5rem; }
#each .charts { gap: 1.5rem; }
#trials { position: relative; left: 50%; transform: translateX(-50%); width: min(92rem, 100vw - 3.5rem); }
.trials thead th { white-space: nowrap; }
.trials thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
.trials thead button:hover { text-decoration: underline; }
.trials th[aria-sort='ascending'] button::after { content: ' ▲'; }
.trials th[aria-sort='descending'] button::after { content: ' ▼'; }
.trials tbody td:nth-child(2) { min-width: 15rem; max-width: 26rem; }
.trials td:nth-child(n + 4) { max-width: 14rem; }
.trials a code { white-space: nowrap; }
.why { display: block; font-size: 0.8125rem; overflow-wrap: anywhere; border: 0; padding: 0; }
.why pre { font-size: 0.8125rem; margin: 0.4rem 0; max-height: 16rem; overflow: auto; }
.state.failed { color: var(--warn); font-weight: 600; }
.settings { gap: 0.15rem 1.5rem; margin-bottom: 1rem; }
@media (min-width: 48rem) {
  .settings { grid-template-columns: max-content 1fr max-content 1fr; }
}
@media (max-width: 40rem) {
  .settings { grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; }
  .settings dd { margin: 0; }
  #trials { width: auto; left: 0; transform: none; }
  .measure { display: block; }
  .measure .number { display: block; text-align: left; }
}
@media print {
  .readout { display: none; }
  .broad { min-width: 0; }
  #trials { width: auto; left: 0; transform: none; }
}
`;
