import sharp from 'sharp';
import { jpegDecoderVersion } from './jpeg/decoder';

/**
 * A change of this number says that the same picture may give other bytes than before: it is part of a
 * prepared set's key, as {@link decoderVersion}.
 */
const revision = 3;

/** What decides the bytes that `decodePicture` gives: its revision and the libraries under it. */
export const decoderVersion = `${revision} ${jpegDecoderVersion} sharp ${sharp.versions.sharp} libvips ${sharp.versions.vips}`;
