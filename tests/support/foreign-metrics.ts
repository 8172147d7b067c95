/**
 * What others than Drover tell Prometheus, as far as rules and dashboards ask for it. That workers have the SDK's is seen by
 * tests/integration/worker-metrics.test.ts, and that the server has its own by the same.
 */
export const foreignMetrics = {
  /** Told by Prometheus itself. */
  prometheus: ['up', 'ALERTS'],
  alertmanager: ['alertmanager_notifications_failed_total'],
  /** By Temporal's SDK in a worker, once there was something to tell. */
  sdk: [
    'temporal_activity_schedule_to_start_latency_seconds_bucket',
    'temporal_activity_succeed_endtoend_latency_seconds_bucket',
    'temporal_num_pollers',
    'temporal_worker_task_slots_available',
    'temporal_worker_task_slots_used',
    'temporal_workflow_completed_total',
    'temporal_workflow_endtoend_latency_seconds_bucket',
    'temporal_workflow_failed_total',
  ],
  /** By Temporal's SDK, but only where it can't go on. */
  sdkInTrouble: ['temporal_long_request_failure_total', 'temporal_workflow_task_execution_failed_total'],
  /** By Temporal's server. */
  server: ['persistence_error_with_type', 'persistence_latency_bucket', 'service_requests'],
  /** By Temporal's server, but only after a minute or two. */
  serverLater: ['approximate_backlog_age_seconds', 'approximate_backlog_count'],
} as const;
