/**
 * How the card looks. The three splits are blue, amber and ink, which differ in lightness too, so that nobody has
 * to tell them by hue.
 */
export const style = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c1f24, #e6e8ec);
  --quiet: light-dark(#5a6069, #a3a9b3);
  --paper: light-dark(#ffffff, #15171b);
  --panel: light-dark(#f4f5f7, #1f2227);
  --line: light-dark(#d9dce1, #363a42);
  --blue: light-dark(#2f6fdb, #6ea2ff);
  --link: light-dark(#1f5cc4, #8ab4ff);
  --amber: light-dark(#c98500, #f0b840);
  --dark: light-dark(#32363d, #d5d9e0);
  --warn: light-dark(#b3261e, #ff8a80);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 66rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: clamp(1.7rem, 5vw, 2.4rem); line-height: 1.15; margin: 0 0 0.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 0.75rem; }
h3 { font-size: 1rem; line-height: 1.35; margin: 0; overflow-wrap: anywhere; }
p { margin: 0 0 0.75rem; max-width: 46rem; overflow-wrap: anywhere; }
section { margin-top: 3rem; }
section > h3 { margin: 1.5rem 0 0.5rem; }
ul { margin: 0; padding: 0; list-style: none; }
dl, dd, figure { margin: 0; }
code { font: 0.9em ui-monospace, 'SF Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: 0 0 1rem; padding: 0.75rem 1rem; background: var(--panel); border-radius: 0.5rem; white-space: pre-wrap; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; border-radius: 2px; }
bdi { overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-weight: 400; font-size: 0.875rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.fine { padding-left: 0.75rem; border-left: 4px solid var(--blue); }
.badge { display: inline-block; padding: 0 0.5rem; border: 1px solid currentColor; border-radius: 1rem; font-size: 0.75rem; font-weight: 600; line-height: 1.35rem; color: var(--quiet); white-space: nowrap; }
h3 .badge { color: var(--warn); }

header p { margin: 0 0 0.25rem; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.75rem; margin: 1.5rem 0; }
.tiles > div { padding: 0.75rem 1rem; background: var(--panel); border-radius: 0.5rem; min-width: 0; }
.tiles dt { font-size: 0.875rem; color: var(--quiet); }
.tiles strong { display: block; font-size: 1.75rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tiles .quiet { display: block; overflow-wrap: anywhere; }
.splits .bar { height: 16px; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; font-size: 0.875rem; margin: 0.5rem 0; }
.legend svg { vertical-align: -1px; margin-right: 0.15rem; }

nav { position: sticky; top: 0; z-index: 1; margin: 1.5rem -1rem 0; padding: 0 1rem; background: var(--paper); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: 1.25rem; overflow-x: auto; padding: 0.6rem 0; white-space: nowrap; font-size: 0.9375rem; }
nav a { text-decoration: none; padding: 0.25rem 0; }
nav a:hover { text-decoration: underline; }

.warnings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(27rem, 100%), 1fr)); gap: 0.75rem; }
.warnings a { white-space: nowrap; }
.warnings li { padding: 0.75rem 1rem; background: var(--panel); border-left: 4px solid var(--warn); border-radius: 0 0.5rem 0.5rem 0; }
.warnings p { margin: 0.25rem 0 0; }

.samples { display: grid; gap: 1.25rem; }
.sample h3 { margin-bottom: 0.35rem; }
.squares { display: grid; grid-template-columns: repeat(8, 1fr); gap: 0.4rem; }
.sparse { grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); }
.sparse .squares { grid-template-columns: repeat(3, 1fr); }
img, .missing { display: block; border-radius: 0.3rem; background: var(--panel); }
.missing { border: 1px dashed var(--quiet); width: 6rem; }
.squares img, .squares .missing { width: 100%; aspect-ratio: 1; object-fit: cover; }
.film { display: flex; flex-wrap: wrap; gap: 0.6rem; margin-top: 0.4rem; }
.film img, .film .missing { height: 6.5rem; max-width: 12rem; object-fit: cover; }
.film .more { align-self: center; }
figcaption { font-size: 0.8125rem; color: var(--quiet); overflow-wrap: anywhere; }
.film figure { width: min-content; min-width: 5rem; }
.film img { width: auto; }
.groups { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; margin-bottom: 1rem; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 1rem; margin-bottom: 0.5rem; }
.pairs li { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; padding: 0.5rem; background: var(--panel); border-radius: 0.5rem; }
.pairs figure { min-width: 0; }
.pairs img, .pairs .missing { width: 100%; height: 8rem; object-fit: contain; background: var(--paper); }
.pairs strong { color: var(--ink); }

table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
caption { text-align: left; color: var(--quiet); font-size: 0.875rem; padding-bottom: 0.4rem; }
th, td { text-align: left; font-weight: 400; padding: 0.3rem 0.5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead > tr > * { font-weight: 600; font-size: 0.8125rem; vertical-align: bottom; border-bottom: 2px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.none { color: var(--warn); font-weight: 600; }
.scroll { overflow-x: auto; }
.classes th:first-child { width: 100%; }
.barred { display: flex; flex-wrap: wrap; column-gap: 1rem; align-items: center; }
.barred > span { flex: 0 1 11rem; min-width: 0; }
.barred > svg { flex: 1 1 9rem; min-width: 0; }
.light { table-layout: fixed; }
.light th:first-child { width: 22%; }
.light td { vertical-align: middle; }
.kinds { margin-bottom: 0.75rem; }
.kinds th .quiet { display: block; }
.kinds + p { margin-bottom: 1.25rem; }
details { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
summary { cursor: pointer; }
summary h3 { display: inline; }
.filter { margin: 1.5rem 0 0.5rem; }
.filter input { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--quiet); border-radius: 0.4rem; padding: 0.3rem 0.6rem; max-width: 100%; }
.files td { width: 50%; }
details tr:last-child > * { border-bottom: 0; }
[hidden] { display: none; }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1.5rem 2.5rem; align-items: start; margin-top: 1rem; }
.chart { display: block; width: 100%; max-width: 27rem; }
svg { overflow: visible; }
svg text { fill: var(--quiet); font-size: 11px; font-variant-numeric: tabular-nums; }
.bar, .strip, .axis { display: block; }
.train { fill: var(--blue); }
.validation { fill: var(--amber); }
.test { fill: var(--dark); }
.bar rect, .legend .train, .plain { shape-rendering: crispEdges; }
.grid { stroke: var(--line); stroke-width: 1; shape-rendering: crispEdges; }
.tick { stroke: var(--quiet); }
.plain { fill: var(--blue); }
.shade1 { fill: light-dark(#c4d8f7, #24406f); }
.shade2 { fill: light-dark(#8fb5ef, #33609f); }
.shade3 { fill: light-dark(#5a8fe2, #4f86d6); }
.shade4 { fill: light-dark(#2a62c0, #86b3ff); }
.shade5 { fill: light-dark(#12346f, #d6e5ff); }
.diagonal { stroke: var(--quiet); stroke-dasharray: 3 4; fill: none; }
.mark { stroke: var(--amber); stroke-width: 1.5; fill: none; }
svg .note { fill: var(--ink); stroke: var(--paper); stroke-width: 3px; paint-order: stroke; }
.reference { stroke: var(--quiet); stroke-dasharray: 2 2; }
.ends { fill: var(--quiet); }
.middle { fill: var(--blue); }
.median { fill: var(--paper); stroke: var(--ink); stroke-width: 2; }

.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.5rem 1.5rem; }
.facts dt { color: var(--quiet); }
.facts dd { min-width: 0; overflow-wrap: anywhere; }
.prose ul { list-style: disc; padding-left: 1.25rem; }
.prose > * { margin-bottom: 0.75rem; }
.prose p, .prose li { white-space: pre-line; overflow-wrap: anywhere; }

@media (min-width: 62rem) {
  .tiles { grid-template-columns: repeat(6, 1fr); }
}
@media (max-width: 40rem) {
  body { padding-top: 1rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 0.5rem; }
  .tiles > div { padding: 0.6rem 0.75rem; }
  .tiles strong { font-size: 1.4rem; }
  .squares { grid-template-columns: repeat(4, 1fr); }
  .wide, .between { display: none; }
  .barred > span { flex-basis: 100%; }
  .classes th, .classes td, .kinds th, .kinds td { padding-inline: 0.3rem; }
  .film img, .film .missing { height: 5rem; max-width: 9rem; }
  .pairs img, .pairs .missing { height: 6rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 0.75rem; }
}
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav, .filter { display: none; }
  .tiles { grid-template-columns: repeat(6, 1fr); gap: 0.5rem; }
  .tiles > div { padding: 0.5rem; }
  .tiles strong { font-size: 1.25rem; }
  .scroll { overflow: visible; }
  table { font-size: 0.8125rem; }
  section { margin-top: 1.5rem; }
  h2, h3, caption, thead { break-after: avoid; }
  tr, .sample, .group, .pairs li, .warnings li, .charts figure { break-inside: avoid; }
}
`;
