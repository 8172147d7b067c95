import { markdownText } from '../../../contracts/markdown';
import { encodePixels } from '../../images/encode-pixels';
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
          title: `${numbered(index)} ${picture.actual === picture.predicted ? 'right' : 'WRONG'}`,
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

function described({ actual, predicted, probability }: SamplePicture): string {
  return `predicted **${markdownText(predicted)}** (${probability.toFixed(3)}), actual **${markdownText(actual)}**`;
}

function sampleTable(sample: readonly SamplePicture[]): string {
  return [
    '| picture | predicted | actual | probability | |',
    '| --- | --- | --- | ---: | --- |',
    ...sample.map(({ picture, predicted, actual, probability }, index) => {
      const name = `${numbered(index)} \`${picture.slice(0, 12)}\``;
      const verdict = predicted === actual ? '' : '**wrong**';
      return `| ${name} | ${markdownText(predicted)} | ${markdownText(actual)} | ${probability.toFixed(3)} | ${verdict} |`;
    }),
  ].join('\n');
}
