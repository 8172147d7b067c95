import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BucketPlace, parseBucketUri } from '../bucket-place';
import type { ManifestRow } from './row';

/** Where a manifest itself is; relative addresses in it start there. */
export type ManifestPlace =
  | { readonly at: 'disk'; readonly file: string }
  | { readonly at: 'bucket'; readonly place: BucketPlace }
  | { readonly at: 'web'; readonly url: URL };

/** Where a picture is, and what it is called in reports: readable, without a query. */
export type Location = { readonly name: string } & (
  | { readonly at: 'disk'; readonly file: string }
  | { readonly at: 'bucket'; readonly place: BucketPlace }
  | { readonly at: 'web'; readonly url: URL }
  | { readonly at: 'nowhere'; readonly wrong: string }
);

/** Above the manifest's folder, names would begin with dots. */
function tidy(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/')
    .normalize('NFC');
}

function nowhere(wrong: string): Location {
  return { name: '', at: 'nowhere', wrong };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function onDisk(file: string, folder: string): Location {
  const relative = path.relative(folder, file);
  const name = relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
  return { name: tidy(name.split(path.sep).join('/')), at: 'disk', file };
}

function inBucket(place: BucketPlace, manifest: ManifestPlace): Location {
  const folder = manifest.at === 'bucket' ? path.posix.dirname(manifest.place.key) : '.';
  const isNear = manifest.at === 'bucket' && manifest.place.bucket === place.bucket;
  const below = folder === '.' ? '' : `${folder}/`;
  const name =
    isNear && place.key.startsWith(below) ? place.key.slice(below.length) : `${place.bucket}/${place.key}`;
  return { name: tidy(name), at: 'bucket', place };
}

function onWeb(url: URL, manifest: ManifestPlace): Location {
  if (url.username !== '' || url.password !== '') return nowhere('its URL holds a user or a password');
  const folder = manifest.at === 'web' ? new URL('.', manifest.url) : undefined;
  const isNear = folder?.origin === url.origin && url.pathname.startsWith(folder.pathname);
  const name = isNear ? url.pathname.slice(folder.pathname.length) : `${url.hostname}${url.pathname}`;
  // Two addresses may differ in nothing but the query, which may hold a token.
  const query = createHash('sha256').update(url.search).digest('hex').slice(0, 8);
  return { name: `${tidy(decoded(name))}${url.search === '' ? '' : ` (${query})`}`, at: 'web', url };
}

function withScheme(scheme: string, value: string, manifest: ManifestPlace): Location {
  switch (scheme) {
    case 'http':
    case 'https':
      return URL.canParse(value) ? onWeb(new URL(value), manifest) : nowhere('its URL is not valid');
    case 'gs':
      // Whoever writes a page on the web must not choose what this worker's credentials read.
      if (manifest.at === 'web') return nowhere('a manifest on the web may not name a bucket');
      try {
        return inBucket(parseBucketUri(value), manifest);
      } catch {
        return nowhere('its gs:// address is not valid');
      }
    case 'file':
      if (manifest.at !== 'disk') return nowhere('a manifest elsewhere may not name a file of this machine');
      try {
        return onDisk(fileURLToPath(value), path.dirname(manifest.file));
      } catch {
        return nowhere('its file:// URL is not valid');
      }
    default:
      return nowhere(`its address has the scheme ${scheme.slice(0, 20)}; expected https, gs or none`);
  }
}

function relative(given: string, isPath: boolean, manifest: ManifestPlace): Location {
  // A URL is percent-encoded wherever the manifest lies; a path is as it is written.
  const value = isPath || manifest.at === 'web' ? given : decoded(given);
  switch (manifest.at) {
    case 'disk': {
      const folder = path.dirname(manifest.file);
      return onDisk(path.resolve(folder, value), folder);
    }
    case 'bucket': {
      const key = path.posix.join(path.posix.dirname(manifest.place.key), value).replace(/^\/+/, '');
      if (key.startsWith('../')) return nowhere('its path leads out of the bucket');
      return inBucket({ bucket: manifest.place.bucket, key }, manifest);
    }
    case 'web': {
      // A path is no URL: its spaces and question marks are its own.
      const written = isPath ? value.split('/').map(encodeURIComponent).join('/') : value;
      return URL.canParse(written, manifest.url.href)
        ? onWeb(new URL(written, manifest.url), manifest)
        : nowhere('its URL is not valid');
    }
  }
}

/** Where the picture of a row is; `url` counts before `path`. What is there is not looked at. */
export function locationOf({ url, path: given }: ManifestRow, manifest: ManifestPlace): Location {
  const value = url ?? given ?? '';
  if (/[\p{Cc}]/u.test(value)) return nowhere('its address holds a control character');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme !== undefined) return withScheme(scheme, value, manifest);
  return relative(value, url === undefined, manifest);
}
