import util from 'node:util';

/**
 * tfjs-node 4.22 calls `util.isNullOrUndefined`, which Node 23 took away: this puts it back. A module of
 * its own, because it has to run before the import of tfjs does.
 */
if (!('isNullOrUndefined' in util)) {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
  });
}
