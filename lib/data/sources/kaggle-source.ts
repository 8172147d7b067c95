import { z } from 'zod';
import { Failure } from '../../../contracts/failures';
import type { Network, RequestOptions } from '../../network/network';
import { retrying } from '../../network/retrying';
import { statusFailure } from '../../network/statuses';
import { openArchive } from './archive/archive-source';
import { download, downloadFolder } from './download/download';
import { kindOfDownloaded } from './downloaded-kind';
import { networkOf } from './network-of';
import type { Source, SourceOptions } from './source';

/** Of all that the answer says, what is needed. */
const viewSchema = z.object({ currentVersionNumber: z.int().min(1) });

const largestView = 4 * 1024 * 1024;

interface Dataset {
  readonly owner: string;
  readonly name: string;
  /** Where one is pinned. */
  readonly version: number | undefined;
}

function parse(uri: string): Dataset {
  const found = /^kaggle:\/\/([\w.-]{1,100})\/([\w.-]{1,100})(?:\/versions\/(\d{1,6}))?\/?$/i.exec(uri);
  const [, owner, name, version] = found ?? [];
  if (owner === undefined || name === undefined) {
    throw new Failure(
      'source-invalid',
      'The source is no valid address of a Kaggle dataset; expected kaggle://owner/dataset, as in ' +
        'https://www.kaggle.com/datasets/owner/dataset, or kaggle://owner/dataset/versions/3.',
    );
  }
  return { owner, name, version: version === undefined ? undefined : Number(version) };
}

const howToLogIn =
  'Make an API token in the settings of your Kaggle account, and set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and ' +
  'KAGGLE_KEY, where the worker starts.';

/** Kaggle's refusals, in words. */
function kaggleFailure(error: unknown, { owner, name }: Dataset, isLoggedIn: boolean): unknown {
  if (!(error instanceof Failure) || error.type !== 'source-invalid') return error;
  const status = /\((401|403|404)\)/.exec(error.message)?.[1];
  const said: Readonly<Record<string, string>> = {
    401: isLoggedIn
      ? `Kaggle does not know the token or the key. ${howToLogIn}`
      : `Kaggle wants to know who asks. ${howToLogIn}`,
    403:
      `Kaggle does not allow ${owner}/${name} to be read. Open it on kaggle.com with the same account and accept its ` +
      `terms.${isLoggedIn ? '' : ` ${howToLogIn}`}`,
    404: `Kaggle has no dataset ${owner}/${name}, or no such version, or it is private. Check the address.`,
  };
  const message = said[status ?? ''];
  return message === undefined ? error : new Failure('source-invalid', message, { cause: error });
}

/** The dataset's page by the API: `datasets/view`. */
async function view(
  url: URL,
  network: Network,
  options: RequestOptions,
): Promise<z.infer<typeof viewSchema>> {
  return retrying(
    network.times,
    async () => {
      const answer = await network.request(url, options);
      if (answer.status !== 200) throw statusFailure(answer);
      const pieces: Buffer[] = [];
      let length = 0;
      for await (const piece of answer.body) {
        pieces.push(piece);
        length += piece.length;
        if (length > largestView) break;
      }
      try {
        return viewSchema.parse(JSON.parse(Buffer.concat(pieces).toString()));
      } catch (cause) {
        throw new Failure('source-invalid', 'Kaggle answered something else than its API is known to.', {
          cause,
        });
      }
    },
    options.signal,
  );
}

/**
 * A dataset of Kaggle's, as the zip that its API gives.
 *
 * @see https://www.kaggle.com/docs/api and https://github.com/Kaggle/kagglehub for the calls
 * @throws Failure `source-invalid` where the address is none; from its methods also where Kaggle refuses
 */
export function openKaggle(uri: string, options: SourceOptions): Source {
  const dataset = parse(uri);
  const { owner, name } = dataset;
  const { endpoint, authorization: value } = options.network.kaggle;
  const network = networkOf(options);
  const { signal } = options;
  const api = (call: string): URL => new URL(`${endpoint}/datasets/${call}/${owner}/${name}`);
  const authorization = value === undefined ? undefined : { value, host: new URL(endpoint).host };

  async function inWords<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw kaggleFailure(error, dataset, value !== undefined);
    });
  }

  let looked: Promise<number> | undefined;
  function version(): Promise<number> {
    looked ??=
      dataset.version !== undefined
        ? Promise.resolve(dataset.version)
        : inWords(view(api('view'), network, { authorization, signal })).then(
            (found) => found.currentVersionNumber,
          );
    return looked;
  }

  async function archive(): Promise<URL> {
    const url = api('download');
    url.searchParams.set('dataset_version_number', String(await version()));
    return url;
  }

  return openArchive({
    ...{ uri, options },
    licences: `As given at [kaggle.com](https://www.kaggle.com/datasets/${owner}/${name}).`,
    fingerprint: async () => `version ${await version()}`,
    async bring() {
      const url = await archive();
      const { file, record } = await inWords(download({ url, authorization, network, options }));
      const kind = await kindOfDownloaded(file, url, record);
      if (kind !== 'csv' && kind !== 'jsonl') return { file, kind };
      throw new Failure(
        'source-invalid',
        `Kaggle's ${owner}/${name} is a table, and no archive of pictures.`,
      );
    },
    async forget() {
      await downloadFolder(await archive(), options).remove();
    },
  });
}
