/** The workflow types, by the names that `temporal workflow start --type` takes. */
export { deploy } from './deploy';
export { evaluate } from './evaluate';
export { forms } from './forms';
export { gpuWorkers } from './gpu-workers';
export { ingest } from './ingest';
export { monitor } from './monitor';
export { notify } from './notify';
export { pipeline } from './pipeline';
export { preprocess } from './preprocess';
export { promote } from './promote';
export { retrain } from './retrain';
export { rollback } from './rollback';
export { sweep } from './sweep';
export { train } from './train';
export { watchData } from './watch-data';
/** Temporal's SDK takes a default export for every other type. */
export { unknownType as default } from './unknown-type';
