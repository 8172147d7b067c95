/**
 * Keys of the review page: a accepts, c goes to the field for another class, r refuses, s leaves it for later. Without this the same is
 * done by the page's forms.
 */
export const reviewScript = `'use strict';
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const inField = event.target instanceof Element && event.target.closest('input:not([type=hidden]), select, textarea') !== null;
  if (event.key === 'Escape' && inField) { event.target.blur(); return; }
  if (inField) return;
  const wanted = document.querySelector('[data-key="' + CSS.escape(event.key.toLowerCase()) + '"]');
  if (wanted === null) return;
  event.preventDefault();
  if (wanted.matches('select, input')) wanted.focus();
  else wanted.click();
});
`;
