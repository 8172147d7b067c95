import { z } from 'zod';
import type { TrafficFigures } from '../../../contracts/schemas/deployment';
import type { CloudRunClient } from './client';

/** `projects.timeSeries.list` of the Cloud Monitoring API, version 3, as far as it is used here. */
const pointSchema = z.object({
  value: z.object({
    int64Value: z.string().optional(),
    distributionValue: z
      .object({
        bucketOptions: z
          .object({
            exponentialBuckets: z
              .object({ numFiniteBuckets: z.number(), growthFactor: z.number(), scale: z.number() })
              .optional(),
            linearBuckets: z
              .object({ numFiniteBuckets: z.number(), width: z.number(), offset: z.number() })
              .optional(),
            explicitBuckets: z.object({ bounds: z.array(z.number()) }).optional(),
          })
          .optional(),
        bucketCounts: z.array(z.string()).optional(),
      })
      .optional(),
  }),
});
const answerSchema = z.object({
  timeSeries: z
    .array(
      z.object({
        metric: z.object({ labels: z.record(z.string(), z.string()).optional() }).optional(),
        points: z.array(pointSchema).default([]),
      }),
    )
    .default([]),
});

type Distribution = NonNullable<z.infer<typeof pointSchema>['value']['distributionValue']>;

export interface RevisionWindow {
  readonly project: string;
  readonly region: string;
  readonly service: string;
  readonly revision: string;
  readonly from: Date;
  readonly to: Date;
}

const monitoring = 'https://monitoring.googleapis.com/v3';

/**
 * The requests that a revision has answered in a stretch of time, as Cloud Run itself counts them in front of all its
 * instances: those that crash are among them.
 */
export async function revisionFigures(
  client: CloudRunClient,
  window: RevisionWindow,
): Promise<TrafficFigures> {
  const [byClass, latency] = await Promise.all([
    client.get(seriesUrl(window, 'run.googleapis.com/request_count', 'metric.labels.response_code_class')),
    client.get(seriesUrl(window, 'run.googleapis.com/request_latencies')),
  ]);
  let requests = 0;
  let errors = 0;
  for (const { metric, points } of answerSchema.parse(byClass).timeSeries) {
    const count = points.reduce((sum, { value }) => sum + Number(value.int64Value ?? 0), 0);
    requests += count;
    if (metric?.labels?.['response_code_class'] === '5xx') errors += count;
  }
  const distributions = answerSchema
    .parse(latency)
    .timeSeries.flatMap(({ points }) => points.flatMap(({ value }) => value.distributionValue ?? []));
  return { requests, errors, latency: histogramOf(distributions) };
}

function seriesUrl(
  { project, region, service, revision, from, to }: RevisionWindow,
  metric: string,
  group?: string,
): string {
  const url = new URL(`${monitoring}/projects/${project}/timeSeries`);
  const seconds = Math.max(60, Math.ceil((to.getTime() - from.getTime()) / 1000));
  const labels = { service_name: service, revision_name: revision, location: region };
  const given: Readonly<Record<string, string>> = {
    filter: [
      `metric.type = "${metric}"`,
      'resource.type = "cloud_run_revision"',
      ...Object.entries(labels).map(([name, value]) => `resource.labels.${name} = "${value}"`),
    ].join(' AND '),
    'interval.startTime': from.toISOString(),
    'interval.endTime': to.toISOString(),
    'aggregation.alignmentPeriod': `${seconds}s`,
    'aggregation.perSeriesAligner': 'ALIGN_DELTA',
    'aggregation.crossSeriesReducer': 'REDUCE_SUM',
    ...(group !== undefined && { 'aggregation.groupByFields': group }),
  };
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, value);
  return url.href;
}

/** Distributions of one metric, which have the same buckets, as one histogram in milliseconds. */
function histogramOf(distributions: readonly Distribution[]): TrafficFigures['latency'] {
  const bounds = boundsOf(distributions.find(({ bucketOptions }) => bucketOptions)?.bucketOptions);
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const { bucketCounts = [] } of distributions) {
    for (const [at, count] of bucketCounts.entries()) counts[at] = (counts[at] ?? 0) + Number(count);
  }
  return { bounds, counts };
}

/** Upper bounds of the finite buckets, the first being that of the underflow: `google/api/distribution.proto`. */
function boundsOf(options: Distribution['bucketOptions']): number[] {
  if (options?.explicitBuckets) return options.explicitBuckets.bounds;
  if (options?.exponentialBuckets) {
    const { numFiniteBuckets, growthFactor, scale } = options.exponentialBuckets;
    return Array.from({ length: numFiniteBuckets + 1 }, (_, at) => scale * growthFactor ** at);
  }
  if (options?.linearBuckets) {
    const { numFiniteBuckets, width, offset } = options.linearBuckets;
    return Array.from({ length: numFiniteBuckets + 1 }, (_, at) => offset + width * at);
  }
  return [];
}
