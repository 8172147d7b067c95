import { pageStyle } from '../../page/style';

/** How the card looks, beyond what every page has. */
export const style = `${pageStyle}
.fine { padding-left: 0.75rem; border-left: 4px solid var(--blue); }
h3 .badge { color: var(--warn); }
.splits .bar { height: 16px; }
.warnings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(27rem, 100%), 1fr)); gap: 0.75rem; }
.warnings a { white-space: nowrap; }
.warnings li { padding: 0.75rem 1rem; background: var(--panel); border-left: 4px solid var(--warn); border-radius: 0 0.5rem 0.5rem 0; }
.warnings p { margin: 0.25rem 0 0; }
.samples { display: grid; gap: 1.25rem; }
.sample h3 { margin-bottom: 0.35rem; }
.squares { display: grid; grid-template-columns: repeat(8, 1fr); gap: 0.4rem; }
.sparse { grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); }
.sparse .squares { grid-template-columns: repeat(3, 1fr); }
.squares img, .squares .missing { width: 100%; aspect-ratio: 1; object-fit: cover; }
.film { display: flex; flex-wrap: wrap; gap: 0.6rem; margin-top: 0.4rem; }
.film img, .film .missing { height: 6.5rem; max-width: 12rem; object-fit: cover; }
.film .more { align-self: center; }
.film figure { width: min-content; min-width: 5rem; }
.film img { width: auto; }
.groups { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; margin-bottom: 1rem; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 1rem; margin-bottom: 0.5rem; }
.pairs li { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; padding: 0.5rem; background: var(--panel); border-radius: 0.5rem; }
.pairs figure { min-width: 0; }
.pairs img, .pairs .missing { width: 100%; height: 8rem; object-fit: contain; background: var(--paper); }
.pairs strong { color: var(--ink); }
.none { color: var(--warn); font-weight: 600; }
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
.filter { margin: 1.5rem 0 0.5rem; }
.filter input { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--quiet); border-radius: 0.4rem; padding: 0.3rem 0.6rem; max-width: 100%; }
.files td { width: 50%; }
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
.prose ul { list-style: disc; padding-left: 1.25rem; }
.prose > * { margin-bottom: 0.75rem; }
.prose p, .prose li { white-space: pre-line; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  .squares { grid-template-columns: repeat(4, 1fr); }
  .barred > span { flex-basis: 100%; }
  .classes th, .classes td, .kinds th, .kinds td { padding-inline: 0.3rem; }
  .film img, .film .missing { height: 5rem; max-width: 9rem; }
  .pairs img, .pairs .missing { height: 6rem; }
}
@media print {
  .filter { display: none; }
  .sample, .group, .pairs li, .warnings li { break-inside: avoid; }
}
`;
