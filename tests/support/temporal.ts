import { TestWorkflowEnvironment, workflowInterceptorModules } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { Activities } from '../../activities';
import { failureInterceptor } from '../../activities/failures';
import { queues } from '../../contracts/names';
import { createLogger } from '../../lib/logging/logger';
import { indexedTypes, registerSearchAttributes } from '../../workers/search-attributes';
import { nativePart } from './native';

export const quiet = createLogger({ level: 'error', service: 'test' });

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflow code, bundled once a test file. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows'),
    workflowInterceptorModules,
    logger: new DefaultLogger('ERROR'),
  });
  return bundle;
}

export function quietRuntime(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
    });
  } catch {
    // A runtime is installed once a process; a second test file in it finds the first one's.
  }
}

/** Temporal's real server, without a disk, with Drover's search attributes. */
export async function localServer(): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: nativePart('temporal') } },
  });
  await registerSearchAttributes(environment.connection, 'default', quiet);
  return environment;
}

/** Temporal's test server, whose clock jumps over waiting. */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: nativePart('temporal-test-server') } },
  });
  // This server can add search attributes but not list them.
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: indexedTypes,
  });
  return environment;
}

/** Runs `work` while workers poll all three queues with these activities. */
export async function withWorkers<Result>(
  { nativeConnection }: TestWorkflowEnvironment,
  activities: Partial<Activities>,
  work: () => Promise<Result>,
): Promise<Result> {
  const workflows = await workflowBundle();
  const workers = await Promise.all(
    Object.values(queues).map((taskQueue) =>
      Worker.create({
        connection: nativeConnection,
        taskQueue,
        activities,
        maxHeartbeatThrottleInterval: '1s',
        interceptors: { activity: [() => ({ inbound: failureInterceptor })] },
        ...(taskQueue === queues.ml && { workflowBundle: workflows }),
      }),
    ),
  );
  const runs = workers.map((worker) => worker.run());
  try {
    return await Promise.race([
      work(),
      ...runs.map((run) => run.then(() => Promise.reject(new Error('a worker ended')))),
    ]);
  } finally {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.allSettled(runs);
  }
}
