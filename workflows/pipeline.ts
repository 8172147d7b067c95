import { executeChild, patched, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { StartInput } from '../contracts/inputs';
import { workflowIds } from '../contracts/names';
import type { PipelineResult } from '../contracts/results';
import type { PipelineConfig } from '../contracts/schemas/pipeline';
import { heavy, planning, quick } from './activities';
import { ingestOnce, preprocessOnce } from './dataset';
import { percent } from './details';
import { evaluate } from './evaluate';
import { promote } from './promote';
import { promoteApart } from './promote-apart';
import { attribute } from './search-attributes';
import { createStageBoard } from './stage-board';
import { sweep, usualCap } from './sweep';

/** From a source of labelled pictures to a champion that the API serves. */
export async function pipeline(input?: StartInput): Promise<PipelineResult> {
  const { workflowId } = workflowInfo();
  const board = createStageBoard();
  const { config, warnings } = await quick.resolvePipeline(input);
  board.warn(warnings);
  const { name } = config;
  if (!asksForForms(config)) board.leaveOut('forms');
  upsertSearchAttributes([
    { key: attribute.dataset, value: name },
    { key: attribute.model, value: name },
  ]);

  const dataset = await board.stage('ingest', async (onChild) => {
    const { result, kept } = await ingestOnce(config, onChild);
    const { train, validation, test } = result.perSplit;
    const leftOut = result.rejected > 0 ? `; ${result.rejected} left out` : '';
    return {
      result,
      kept,
      note: `${result.pictures} pictures: ${train} train, ${validation} validation, ${test} test${leftOut}`,
    };
  });

  const prepared = await board.stage('preprocess', async (onChild) => {
    const { result, kept } = await preprocessOnce(name, dataset.manifest, config.preprocess, onChild);
    const { size, color } = config.preprocess;
    return {
      result: result.prepared,
      kept,
      note: `${result.pictures} pictures at ${size} × ${size}, ${color}`,
    };
  });
  await quick.rememberPrepared(prepared);

  const search = await board.stage('sweep', async (onChild) => {
    const sweepId = workflowIds.sweep(workflowId);
    onChild(sweepId);
    const result = await executeChild(sweep, {
      workflowId: sweepId,
      args: [{ config: { ...config.sweep }, prepared }],
      staticSummary: `${config.sweep.method}, ${config.sweep.run_cap ?? (config.sweep.method === 'grid' ? 'all' : usualCap)} trials`,
    });
    const { best, metric, trials } = result;
    return { result, note: `trial ${best.trial} of ${trials} is best: ${metric} ${best.metric.toFixed(3)}` };
  });
  const { run, result } = search.best;

  const made = asksForForms(config)
    ? await board.stage('forms', async () => {
        const found = await heavy.makeForms({ run: result, rules: config.export });
        return { result: found.forms, note: found.note };
      })
    : undefined;
  const forms = made && { forms: made };

  const figures = await board.stage('evaluate', async (onChild) => {
    const evaluateId = `${workflowId}/evaluate`;
    onChild(evaluateId);
    const figures = await executeChild(evaluate, {
      workflowId: evaluateId,
      args: [{ run: result, ...forms }],
      staticSummary: `run ${run} on the test set`,
    });
    return {
      result: figures,
      note: `accuracy ${percent(figures.accuracy)} on ${figures.pictures} test pictures`,
    };
  });

  const { version } = await board.stage('register', async () => {
    const registered = await planning.registerRun({
      model: name,
      run: result,
      evaluation: figures.evaluation,
      ...forms,
      sweep: workflowIds.sweep(workflowId),
      pipeline: workflowId,
    });
    return { result: registered, note: `${name} version ${registered.version}` };
  });

  const verdict = await board.stage('promote', async (onChild) => {
    const { evaluation } = figures;
    const input = { model: name, version, rules: config.promote, by: workflowId, evaluation };
    if (patched('promotion-apart')) {
      const outcome = await promoteApart(input, onChild);
      return { result: outcome, note: outcome.reason };
    }
    const promoteId = `${workflowId}/promote`;
    onChild(promoteId);
    const verdict = await executeChild(promote, {
      workflowId: promoteId,
      args: [input],
      staticSummary: `${name} version ${version}`,
    });
    return { result: verdict, note: verdict.reason };
  });

  const { accuracy, interval, baseline, pictures } = figures;
  const { manifest, rejected } = dataset;
  return { model: name, manifest, rejected, version, accuracy, interval, baseline, pictures, ...verdict };
}

/** Whether anything but float32 is made; configurations in histories of before 0.2.0 have no such part. */
function asksForForms(config: PipelineConfig): boolean {
  return 'export' in config && config.export.forms.some((form) => form !== 'float32');
}
