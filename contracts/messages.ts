/**
 * Names of the queries that workflows answer.
 *
 * - `progress`: a `pipeline` answers PipelineProgress; `ingest` and `preprocess` answer ActivityProgress
 *   for what is complete, to which the heartbeats of their pending activities add what is under way.
 * - `leaderboard`: a `sweep` answers Leaderboard.
 */
export const queryNames = { progress: 'progress', leaderboard: 'leaderboard' } as const;
