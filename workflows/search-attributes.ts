import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Typed keys of the attributes that `contracts/names.ts` lists, for finding workflows in Temporal's UI. */
export const attribute = {
  dataset: defineSearchAttributeKey('DroverDataset', SearchAttributeType.KEYWORD),
  model: defineSearchAttributeKey('DroverModel', SearchAttributeType.KEYWORD),
  sweep: defineSearchAttributeKey('DroverSweep', SearchAttributeType.KEYWORD),
  run: defineSearchAttributeKey('DroverRun', SearchAttributeType.KEYWORD),
  approval: defineSearchAttributeKey('DroverApproval', SearchAttributeType.KEYWORD),
  metric: defineSearchAttributeKey('DroverMetric', SearchAttributeType.DOUBLE),
} as const;
