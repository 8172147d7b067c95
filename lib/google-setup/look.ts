import { z } from 'zod';
import type { Google } from './google';
import { runAddress } from './drift-job';
import type { DriftJob, Wanted } from './items';
import { isGranted } from './policy';

/** `differs`: there is one, other than it should be, and it is left so · `yours`: nothing that a command could make. */
export interface Seen {
  readonly state: 'there' | 'missing' | 'differs' | 'yours';
  readonly note?: string;
}

const there: Seen = { state: 'there' };
const differs = (note: string): Seen => ({ state: 'differs', note });
const yours = (note: string): Seen => ({ state: 'yours', note });

const bucketSchema = z.object({
  location: z.string().default(''),
  iamConfiguration: z
    .object({
      uniformBucketLevelAccess: z.object({ enabled: z.boolean().default(false) }).optional(),
      publicAccessPrevention: z.string().optional(),
    })
    .default({}),
  versioning: z.object({ enabled: z.boolean().default(false) }).optional(),
  softDeletePolicy: z.object({ retentionDurationSeconds: z.coerce.number().default(0) }).optional(),
});

const metricSchema = z.object({
  consumerQuotaLimits: z
    .array(
      z.object({
        quotaBuckets: z
          .array(
            z.object({
              effectiveLimit: z.coerce.number().default(0),
              dimensions: z.record(z.string(), z.string()).default({}),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

const zonesSchema = z.object({
  items: z
    .record(z.string(), z.object({ acceleratorTypes: z.array(z.object({ name: z.string() })).default([]) }))
    .default({}),
  nextPageToken: z.string().optional(),
});

/** Whether a project has it, as it should be. @throws Refusal, `absent` where there is none of the name */
export async function look(google: Google, wanted: Wanted): Promise<Seen> {
  const { project } = google;
  switch (wanted.kind) {
    case 'api': {
      const path = `v1/projects/${project}/services/${wanted.api}`;
      const { state } = z
        .object({ state: z.string() })
        .parse(await google.ask({ api: 'serviceusage', path }));
      return state === 'ENABLED' ? there : { state: 'missing' };
    }
    case 'account': {
      const path = `v1/projects/${project}/serviceAccounts/${wanted.email}`;
      const found = z.object({ disabled: z.boolean().default(false) });
      return found.parse(await google.ask({ api: 'iam', path })).disabled
        ? differs(`it is disabled: gcloud iam service-accounts enable ${wanted.email} --project ${project}`)
        : there;
    }
    case 'bucket': {
      const path = `storage/v1/b/${wanted.name}`;
      return bucketAsItShould(wanted.name, bucketSchema.parse(await google.ask({ api: 'storage', path })));
    }
    case 'repository': {
      const path = `v1/projects/${project}/locations/${wanted.region}/repositories/${wanted.name}`;
      const found = z.object({ format: z.string().default('') });
      const { format } = found.parse(await google.ask({ api: 'artifactregistry', path }));
      return format === 'DOCKER'
        ? there
        : differs(`it is of the format ${format}, not DOCKER: choose another by --repository`);
    }
    case 'grant':
      return (await isGranted(google, wanted)) ? there : { state: 'missing' };
    case 'service': {
      const path = `v2/projects/${project}/locations/${wanted.region}/services/${wanted.name}`;
      const found = z.object({ template: z.object({ serviceAccount: z.string().default('') }) });
      const { serviceAccount } = found.parse(await google.ask({ api: 'run', path })).template;
      if (serviceAccount === wanted.email) return there;
      const command = `gcloud run services update ${wanted.name} --project ${project} --region ${wanted.region} --service-account ${wanted.email}`;
      return differs(`it runs as ${serviceAccount || "Compute Engine's own account"}: ${command}`);
    }
    case 'job':
      return jobAsItShould(google, wanted.job);
    case 'schedule':
      return scheduleAsItShould(google, wanted);
    case 'quota':
      return quotaOf(google, wanted);
    case 'zones':
      return zonesOf(google, wanted);
  }
}

const jobSchema = z.object({
  template: z.object({
    template: z.object({
      serviceAccount: z.string().default(''),
      containers: z.array(z.object({ image: z.string().default('') })).default([]),
    }),
  }),
});

async function jobAsItShould(google: Google, { name, region, image, email }: DriftJob): Promise<Seen> {
  const path = `v2/projects/${google.project}/locations/${region}/jobs/${name}`;
  const { serviceAccount, containers } = jobSchema.parse(await google.ask({ api: 'run', path })).template
    .template;
  const update = `gcloud run jobs update ${name} --project ${google.project} --region ${region}`;
  if (serviceAccount !== email)
    return differs(
      `it runs as ${serviceAccount || "Compute Engine's own account"}: ${update} --service-account ${email}`,
    );
  const found = containers[0]?.image ?? 'no image';
  return found === image ? there : differs(`it runs ${found}: ${update} --image ${image}`);
}

const scheduleSchema = z.object({
  schedule: z.string().default(''),
  state: z.string().default('ENABLED'),
  httpTarget: z.object({ uri: z.string().default('') }).default({ uri: '' }),
});

async function scheduleAsItShould(
  google: Google,
  { region, name, cron }: Wanted & { kind: 'schedule' },
): Promise<Seen> {
  const { project } = google;
  const path = `v1/projects/${project}/locations/${region}/jobs/${name}`;
  const { schedule, state, httpTarget } = scheduleSchema.parse(
    await google.ask({ api: 'cloudscheduler', path }),
  );
  const gcloud = (verb: string) =>
    `gcloud scheduler jobs ${verb} ${name} --project ${project} --location ${region}`;
  const uri = runAddress(project, region, name);
  if (httpTarget.uri !== uri)
    return differs(`it asks ${httpTarget.uri}: ${gcloud('update http')} --uri ${uri}`);
  if (schedule !== cron)
    return differs(`it runs at ${schedule}: ${gcloud('update http')} --schedule '${cron}'`);
  return state === 'ENABLED' ? there : differs(`it is ${state.toLowerCase()}: ${gcloud('resume')}`);
}

function bucketAsItShould(name: string, found: z.infer<typeof bucketSchema>): Seen {
  const { uniformBucketLevelAccess, publicAccessPrevention } = found.iamConfiguration;
  const wrong = [
    ...(uniformBucketLevelAccess?.enabled ? [] : [['access by object', '--uniform-bucket-level-access']]),
    ...(publicAccessPrevention === 'enforced'
      ? []
      : [['public access is not prevented', '--public-access-prevention']]),
    ...(found.versioning?.enabled || (found.softDeletePolicy?.retentionDurationSeconds ?? 0) > 0
      ? []
      : [['neither versions nor soft delete: a mistake is final', '--versioning']]),
  ];
  if (wrong.length === 0) return { state: 'there', note: `in ${found.location.toLowerCase()}` };
  const flags = wrong.map(([, flag]) => flag).join(' ');
  return differs(
    `${wrong.map(([what]) => what).join('; ')}: gcloud storage buckets update gs://${name} ${flags}`,
  );
}

async function quotaOf(
  google: Google,
  { region, metric, wanted }: Wanted & { kind: 'quota' },
): Promise<Seen> {
  const of = `projects/${google.project}/services/aiplatform.googleapis.com/consumerQuotaMetrics`;
  const path = `v1beta1/${of}/${encodeURIComponent(metric)}`;
  const { consumerQuotaLimits } = metricSchema.parse(await google.ask({ api: 'serviceusage', path }));
  // Buckets go from the least to the most specific one: the last that is of the region, or of all, counts.
  const bucket = consumerQuotaLimits
    .flatMap(({ quotaBuckets }) => quotaBuckets)
    .filter(({ dimensions }) => (dimensions['region'] ?? region) === region)
    .sort((a, b) => Object.keys(a.dimensions).length - Object.keys(b.dimensions).length)
    .at(-1);
  const limit = bucket?.effectiveLimit ?? 0;
  // -1 is no limit.
  if (limit === -1 || limit >= wanted)
    return { state: 'there', note: limit === -1 ? 'no limit' : `${limit}` };
  const page = `https://console.cloud.google.com/iam-admin/quotas?project=${google.project}&service=aiplatform.googleapis.com`;
  return yours(
    `the quota is ${limit}; ask for ${wanted} of ${metric} in ${region} at ${page} (answers take hours to days)`,
  );
}

async function zonesOf(google: Google, { region, accelerator }: Wanted & { kind: 'zones' }): Promise<Seen> {
  const zones: { zone: string; region: string }[] = [];
  let pageToken: string | undefined;
  do {
    const asked = new URLSearchParams({
      ...{ filter: `name=${accelerator}`, returnPartialSuccess: 'true' },
      ...(pageToken !== undefined && { pageToken }),
    });
    const path = `compute/v1/projects/${google.project}/aggregated/acceleratorTypes?${asked.toString()}`;
    const page = zonesSchema.parse(await google.ask({ api: 'compute', path }));
    for (const [scope, { acceleratorTypes }] of Object.entries(page.items)) {
      const zone = scope.replace('zones/', '');
      if (acceleratorTypes.some(({ name }) => name === accelerator)) {
        zones.push({ zone, region: zone.replace(/-[a-z]$/, '') });
      }
    }
    pageToken = page.nextPageToken === '' ? undefined : page.nextPageToken;
  } while (pageToken !== undefined);
  const here = zones.filter((each) => each.region === region).map(({ zone }) => zone);
  if (here.length > 0) return { state: 'there', note: here.sort().join(', ') };
  const elsewhere = [...new Set(zones.map((each) => each.region))].sort();
  const hint = elsewhere.length > 0 ? `; these have: ${elsewhere.slice(0, 12).join(', ')}` : '';
  return yours(`no zone of ${region} has one: take another region into vertex.regions${hint}`);
}
