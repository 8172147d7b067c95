import { z } from 'zod';
import { refSchema, sha256Schema, splitNames } from './documents';

/** What is known of pictures and datasets: what an examination finds, what validation decides, what is kept of it. */

export const pictureFormats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const;

/** What an examination found out of a picture that can be decoded. */
export const pictureFactsSchema = z.strictObject({
  format: z.enum(pictureFormats),
  /** Pixels as the picture is shown: after its EXIF turn. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Of an animation or a file of several pages; only the first is used. */
  frames: z.int().min(1),
  /** Bits a channel. */
  depth: z.int().min(1),
  space: z.enum(['rgb', 'grey', 'cmyk', 'other']),
  alpha: z.boolean(),
  /** EXIF orientation; 1 is upright. */
  orientation: z.int().min(1).max(8),
  /** 256-bit perceptual hash, hexadecimal: near pictures differ in few bits. */
  hash: sha256Schema,
  /** 0 to 100: how much there is in the picture to tell it by; a hash of low quality says nothing. */
  quality: z.int().min(0).max(100),
  /** Mean and standard deviation of the luminance, 0 to 255. */
  brightness: z.number(),
  contrast: z.number(),
});
export type PictureFacts = z.infer<typeof pictureFactsSchema>;

/** Why a file cannot be taken as a picture, whatever a policy says. */
export const pictureProblems = ['unlabelled', 'refused', 'not_a_picture', 'damaged', 'too_large'] as const;
export type PictureProblem = (typeof pictureProblems)[number];

const droppedOrFailed = z.enum(['drop', 'fail']);
const anyPolicy = z.enum(['keep', 'drop', 'fail']);

/** What validation does about each kind of finding, and where it draws the lines. */
export const validationSchema = z.strictObject({
  unlabelled: droppedOrFailed
    .default('drop')
    .describe('lies in no class folder, or is listed without a label'),
  refused: droppedOrFailed
    .default('drop')
    .describe('a link, a special file, or a path that leads out of the source'),
  not_a_picture: droppedOrFailed.default('drop').describe('another kind of file, or an empty one'),
  damaged: droppedOrFailed.default('drop').describe('cut off, or cannot be read'),
  too_large: droppedOrFailed.default('drop').describe('more than 64 MiB, or 100 megapixels'),
  animated: anyPolicy.default('keep').describe('several frames or pages; the first is used'),
  tiny: anyPolicy.default('drop').describe('shorter side below min_side'),
  huge: anyPolicy.default('keep').describe('more megapixels than max_megapixels'),
  cmyk: anyPolicy.default('keep').describe('brought to sRGB'),
  deep: anyPolicy.default('keep').describe('16 bits a channel; brought to 8'),
  turned: anyPolicy.default('keep').describe('turned upright, as EXIF says'),
  wrong_extension: anyPolicy.default('keep').describe('named as another format than it is'),
  duplicate: anyPolicy
    .default('drop')
    .describe('the same bytes and label as another; the first by path is kept'),
  conflict: anyPolicy.default('drop').describe('the same bytes under two labels'),
  near_duplicate: anyPolicy.default('keep').describe('looks the same as another; they stay in one split'),
  near_conflict: anyPolicy.default('keep').describe('looks the same as another of another label'),
  bridge: anyPolicy.default('drop').describe('new, and near to pictures of two splits'),
  leak: anyPolicy
    .default('keep')
    .describe('near to a picture that the source, or an earlier version, put into another split'),
  divided_group: droppedOrFailed
    .default('drop')
    .describe('its group was given after it was divided, and has another split'),
  small_class: anyPolicy.default('keep').describe('a class of fewer pictures than min_per_class'),
  imbalance: z
    .enum(['keep', 'fail'])
    .default('keep')
    .describe('the largest class exceeds the smallest max_imbalance times'),
  min_side: z.int().min(1).max(1024).default(16).describe('pixels'),
  max_megapixels: z.number().positive().max(100).default(50),
  min_per_class: z.int().min(1).default(20),
  max_imbalance: z.number().min(1).default(10),
  max_dropped: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('share of the files; above it the ingest fails'),
});
export type Validation = z.infer<typeof validationSchema>;

export const findingKinds = [
  ...pictureProblems,
  'animated',
  'tiny',
  'huge',
  'cmyk',
  'deep',
  'turned',
  'wrong_extension',
  'duplicate',
  'conflict',
  'near_duplicate',
  'near_conflict',
  'bridge',
  'leak',
  'divided_group',
  'small_class',
  'imbalance',
] as const satisfies readonly (keyof Validation)[];
export type FindingKind = (typeof findingKinds)[number];

/** One line of a dataset version's `findings.jsonl`: something about one file that a person should know. */
export const findingSchema = z.strictObject({
  kind: z.enum(findingKinds),
  /** In the source; of a class, its name. */
  path: z.string(),
  label: z.string().optional(),
  dropped: z.boolean(),
  /** A sentence for people: what was found. */
  reason: z.string(),
  /** The other file that it is a duplicate of, or near to. */
  other: z.string().optional(),
});
export type Finding = z.infer<typeof findingSchema>;

/** A file of a source after it was read: its bytes are in the store, or `problem` says why they are not. */
export const collectedSchema = z.strictObject({
  path: z.string(),
  /** Where the source itself says it; else it is read from the folders of the path. */
  label: z.string().optional(),
  split: z.enum(splitNames).optional(),
  /** Pictures of one group are kept in one split. */
  group: z.string().optional(),
  /** The same path with the same stamp has the same bytes, and need not be read again. */
  stamp: z.string().optional(),
  bytes: z.int().min(0),
  sha256: sha256Schema.optional(),
  problem: z.strictObject({ kind: z.enum(pictureProblems), reason: z.string() }).optional(),
});
export type Collected = z.infer<typeof collectedSchema>;

/** What is known of a picture by its digest, under one version of the decoder. */
export const examinedSchema = z.strictObject({
  sha256: sha256Schema,
  facts: pictureFactsSchema.optional(),
  problem: z.strictObject({ kind: z.enum(pictureProblems), reason: z.string() }).optional(),
});
export type Examined = z.infer<typeof examinedSchema>;

/** `datasets/<name>/history.json`, moved by compare-and-swap: the dataset's versions, oldest first. */
export const datasetHistorySchema = z.strictObject({
  versions: z.array(
    z.strictObject({
      version: sha256Schema,
      manifest: refSchema<'manifest'>(),
      at: z.iso.datetime(),
      source: z.string(),
      pictures: z.int(),
      classes: z.int(),
      dropped: z.int(),
    }),
  ),
});
export type DatasetHistory = z.infer<typeof datasetHistorySchema>;
export type DatasetVersionEntry = DatasetHistory['versions'][number];
