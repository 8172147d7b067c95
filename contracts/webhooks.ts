/** What happens to a model that others are told of. */
export const registryEventKinds = [
  'version_registered',
  'alias_moved',
  'promotion_waiting',
  'promotion_refused',
  'drift_found',
] as const;

export type RegistryEventKind = (typeof registryEventKinds)[number];

/** The workflow type that tells the webhooks of one event, and its id: an event is told once, whoever saw it first. */
export const notification = {
  type: 'notify',
  id: (event: string): string => `notify-${event}`,
} as const;

export interface NotifyInput {
  readonly event: RegistryEventInput;
}

/** Something that happened to a model; see `registryEventSchema`. */
export interface RegistryEventInput {
  readonly id: string;
  readonly kind: RegistryEventKind | 'test';
  readonly at: string;
  readonly model: string;
  readonly version: number;
  readonly alias?: string | undefined;
  readonly before?: number | undefined;
  readonly removed?: boolean | undefined;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  readonly accuracy?: number | undefined;
  readonly promotion?: string | undefined;
  readonly deadline?: string | undefined;
  readonly report?: string | undefined;
}

/** What became of the deliveries of one event, by the webhooks' names. */
export interface NotifyResult {
  readonly delivered: readonly string[];
  readonly failed: readonly string[];
}
