import { Failure } from '../../contracts/failures';
import { workflowIds } from '../../contracts/names';

/**
 * Looks whether a workflow is a sweep, before it is watched or told something.
 *
 * @param typeOf - the type of a workflow; undefined where there is none of that id
 * @throws Failure `not-found` where there is no such workflow, or it is of another type: of a pipeline, with its sweep's id
 */
export async function requireSweep(
  id: string,
  typeOf: (id: string) => Promise<string | undefined>,
): Promise<void> {
  const type = await typeOf(id);
  if (type === 'sweep') return;
  if (type === undefined) throw noSuchSweep(id);
  const own = workflowIds.sweep(id);
  throw new Failure(
    'not-found',
    (await typeOf(own)) === 'sweep'
      ? `${id} is a ${type}; its sweep is ${own}.`
      : `${id} is a workflow of type ${type}, no sweep.`,
  );
}

/** Says that no sweep of that id runs. */
export function noSuchSweep(id: string, cause?: Error): Failure {
  return new Failure('not-found', `No sweep ${id} runs: it has ended, or there was none.`, { cause });
}
