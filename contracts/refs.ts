/**
 * A pointer to bytes kept elsewhere, with the digest they must have: all that workflows ever carry of
 * anything big. `Kind` names what the bytes are, for the compiler only; nothing of it is in the JSON.
 */
export interface Ref<Kind extends string = string> {
  /** `store://<key>` in Drover's own store, whatever folder or bucket that is. */
  readonly uri: string;
  /** Lower-case hexadecimal SHA-256 of the bytes. */
  readonly sha256: string;
  /** Never present; keeps a manifest from being passed for a model. */
  readonly kind?: Kind;
}

/** `manifest.jsonl` of a dataset version. */
export type ManifestRef = Ref<'manifest'>;
/** `index.json` of a prepared set. */
export type PreparedRef = Ref<'prepared'>;
/** The resolved snapshot of a configuration. */
export type ConfigRef = Ref<'config'>;
/** `result.json` of a finished run. */
export type RunRef = Ref<'run'>;
/** `evaluation.json`: a model's figures on one prepared set. */
export type EvaluationRef = Ref<'evaluation'>;
/** `forms.json`: what a model can be served as, beside each other. */
export type FormsRef = Ref<'forms'>;
/** `predictions.jsonl`: its answers, picture by picture. */
export type PredictionsRef = Ref<'predictions'>;

const scheme = 'store://';

/** The URI of a key in Drover's store. */
export function storeUri(key: string): string {
  return `${scheme}${key}`;
}

/** The key that a `store://` URI names, or undefined where the URI is of another kind. */
export function storeKey(uri: string): string | undefined {
  return uri.startsWith(scheme) ? uri.slice(scheme.length) : undefined;
}
