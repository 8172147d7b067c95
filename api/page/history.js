/* global byId, element, percent */
/* exported markShown, remember */

/** Pictures that stand in the history; an older one makes room. In pixels, a thumbnail's side, for sharp screens. */
const mostPictures = 12;
const thumbnailSide = 144;

/** A small copy, so that the whole picture needn't stay decoded; undefined for what the browser can't read. */
async function thumbnailOf(picture) {
  const bitmap = await createImageBitmap(picture).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  const canvas = element('canvas', { width: thumbnailSide, height: thumbnailSide, 'aria-hidden': 'true' });
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  canvas.getContext('2d').drawImage(bitmap, left, top, side, side, 0, 0, thumbnailSide, thumbnailSide);
  bitmap.close();
  return canvas;
}

/** Marks which of the pictures is shown now. */
function markShown(entry) {
  for (const each of byId('pictures').querySelectorAll('button')) each.removeAttribute('aria-current');
  entry?.setAttribute('aria-current', 'true');
}

/**
 * Adds an answered picture to the history of this session, which is held nowhere but in this page.
 *
 * @param show - Called where somebody wants to see it again.
 */
function remember(picture, answer, show) {
  const share = percent(answer.probabilities[answer.prediction]);
  const button = element(
    'button',
    { type: 'button' },
    element('span', { class: 'thumbnail' }),
    element('bdi', { class: 'name' }, answer.prediction),
    ' ',
    element('span', { class: 'quiet' }, share),
  );
  button.addEventListener('click', () => {
    markShown(button);
    show();
  });
  byId('pictures').prepend(element('li', {}, button));
  while (byId('pictures').childElementCount > mostPictures) byId('pictures').lastChild.remove();
  byId('history').hidden = byId('pictures').childElementCount < 2;
  markShown(button);
  thumbnailOf(picture).then((small) => {
    if (small !== undefined) button.firstChild.append(small);
  });
}
