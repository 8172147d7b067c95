/**
 * Filters the tables of findings by what is typed. The page reads without it, and shows the field only where it
 * runs.
 */
export const script = `
const field = document.getElementById('filter');
const matches = document.getElementById('matches');
const tables = [...document.querySelectorAll('#findings details')].map((details) => ({
  details,
  rows: [...details.querySelectorAll('tbody tr')].map((row) => [row, row.textContent.toLowerCase()]),
}));
field?.addEventListener('input', () => {
  const wanted = field.value.trim().toLowerCase();
  let found = 0;
  for (const { details, rows } of tables) {
    let here = 0;
    for (const [row, text] of rows) {
      row.hidden = !text.includes(wanted);
      if (!row.hidden) here += 1;
    }
    details.hidden = here === 0;
    details.open = wanted !== '' && here > 0;
    found += here;
  }
  matches.textContent = wanted === '' ? '' : found + (found === 1 ? ' line' : ' lines') + ' of those listed here';
});
if (field) field.closest('[hidden]').hidden = false;
const openTarget = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.tagName === 'DETAILS') target.open = true;
};
addEventListener('hashchange', openTarget);
openTarget();
`;
