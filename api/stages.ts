/** What an answer goes through, in its order. */
export type Stage = 'receive' | 'decode' | 'infer';

/** Does a stage's work and notes how long it took, also where it fails. */
export type Timed = <T>(stage: Stage, work: () => Promise<T>) => Promise<T>;
