/** One thing that is wrong with a store. */
export interface StoreProblem {
  /** What that means for whoever uses it. */
  readonly kind: 'missing' | 'damaged' | 'unreadable' | 'unexplained';
  readonly key: string;
  /** A sentence for people. */
  readonly what: string;
}
