/**
 * The version of each memoised stage's code, part of its memo's key. It is raised where a change makes the
 * stage give other results for the same inputs, so that nothing made by the old code is taken for new.
 * `tests/unit/memo/stages.test.ts` ties each to a digest of the sources that it stands for.
 */
export const stageVersions = { ingest: 3, preprocess: 2, train: 4, evaluate: 2, forms: 2 } as const;

export type MemoStage = keyof typeof stageVersions;
