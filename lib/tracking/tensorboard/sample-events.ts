import { markdownText } from '../../../contracts/markdown';
import { encodePixels } from '../../images/encode-pixels';
import { shownName } from '../../page/names';
import { mostTelling, pixelsOf } from '../sample-order';
import type { Finished } from '../sink';
import type { SamplePicture } from '../tracker';
import { image, text } from './events';

/** Each picture is a card of its own in TensorBoard. */
const mostPictures = 24;
const mostRows = 200;

/** The table of picture, predicted and actual: pictures under `sample/<number>`, and the rows as text. */
export async function sampleEvents({ result, sample, step, at }: Finished): Promise<Uint8Array[]> {
  const telling = mostTelling(sample);
  const events = [text({ step, at }, 'sample/table', sampleTable(telling.slice(0, mostRows)))];
  for (const [index, picture] of telling.slice(0, mostPictures).entries()) {
    const pixels = pixelsOf(picture, result);
    events.push(
      image(
        { step, at },
        {
          tag: `sample/${numbered(index)}`,
          title: `${numbered(index)} ${titleOf(picture)}`,
          description: described(picture),
          width: pixels.width,
          height: pixels.height,
          png: await encodePixels(pixels, 'png'),
        },
      ),
    );
  }
  return events;
}

function numbered(index: number): string {
  return String(index + 1).padStart(2, '0');
}

function titleOf({ actual, predicted }: SamplePicture): string {
  if (actual === predicted) return `right: ${shownName(actual, 40)}`;
  return `WRONG: ${shownName(predicted, 40)}, is ${shownName(actual, 40)}`;
}

function described({ actual, predicted, probability }: SamplePicture): string {
  return `predicted **${nameText(predicted)}** (${probability.toFixed(3)}), actual **${nameText(actual)}**`;
}

/** TensorBoard's Markdown knows no backslash before `<` and `>`, and takes entities. */
function nameText(name: string): string {
  const escaped = markdownText(shownName(name, 60).replaceAll('&', '&amp;'));
  return escaped.replaceAll('\\<', '&lt;').replaceAll('\\>', '&gt;');
}

function sampleTable(sample: readonly SamplePicture[]): string {
  return [
    '| picture | predicted | actual | probability | |',
    '| --- | --- | --- | ---: | --- |',
    ...sample.map(({ picture, predicted, actual, probability }, index) => {
      const name = `${numbered(index)} \`${picture.slice(0, 12)}\``;
      const verdict = predicted === actual ? '' : '**wrong**';
      return `| ${name} | ${nameText(predicted)} | ${nameText(actual)} | ${probability.toFixed(3)} | ${verdict} |`;
    }),
  ].join('\n');
}
