import type { Settings } from '../../contracts/schemas/settings';

/** What the shipping thread is begun with. */
export interface ShippingStart {
  /** The spool's. */
  readonly folder: string;
  /** Of {@link SpoolCounts}. */
  readonly counts: SharedArrayBuffer;
  readonly settings: Pick<Settings, 'store' | 'gcsEndpoint' | 'logLevel'>;
  /** What is older is removed from the store; 0 keeps all. */
  readonly keepDays: number;
}
