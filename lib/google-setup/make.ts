import type { Google } from './google';
import { driftJobBody, runAddress } from './drift-job';
import type { Wanted } from './items';
import { bucketLifecycle } from './plan';
import { addGrant } from './policy';

/** What a command can make; the rest is a person's to do. */
export type Makeable = Extract<
  Wanted,
  { readonly kind: 'api' | 'account' | 'bucket' | 'repository' | 'grant' | 'job' | 'schedule' }
>;

export function isMakeable(wanted: Wanted): wanted is Makeable {
  return wanted.kind !== 'service' && wanted.kind !== 'quota' && wanted.kind !== 'zones';
}

/** Makes what a look did not find, and is done when Google says so. @throws Refusal, `exists` where somebody was faster */
export async function make(google: Google, wanted: Makeable): Promise<void> {
  const { project } = google;
  switch (wanted.kind) {
    case 'api': {
      const path = `v1/projects/${project}/services/${wanted.api}:enable`;
      const operation = await google.ask({ api: 'serviceusage', path, method: 'POST', data: {} });
      return google.settle(operation, { api: 'serviceusage', version: 'v1' });
    }
    case 'account': {
      const path = `v1/projects/${project}/serviceAccounts`;
      const data = {
        accountId: wanted.email.replace(/@.*/, ''),
        serviceAccount: { displayName: wanted.title },
      };
      await google.ask({ api: 'iam', path, method: 'POST', data });
      return;
    }
    case 'bucket': {
      const path = `storage/v1/b?project=${project}`;
      const data = {
        ...{ name: wanted.name, location: wanted.region.toUpperCase(), storageClass: 'STANDARD' },
        iamConfiguration: {
          uniformBucketLevelAccess: { enabled: true },
          publicAccessPrevention: 'enforced',
        },
        ...{ versioning: { enabled: true }, lifecycle: bucketLifecycle },
      };
      await google.ask({ api: 'storage', path, method: 'POST', data });
      return;
    }
    case 'repository': {
      const path = `v1/projects/${project}/locations/${wanted.region}/repositories?repositoryId=${wanted.name}`;
      const data = { format: 'DOCKER', description: 'Images of Drover' };
      const operation = await google.ask({ api: 'artifactregistry', path, method: 'POST', data });
      return google.settle(operation, { api: 'artifactregistry', version: 'v1' });
    }
    case 'job': {
      const { region, name } = wanted.job;
      const path = `v2/projects/${project}/locations/${region}/jobs?jobId=${name}`;
      const operation = await google.ask({
        api: 'run',
        path,
        method: 'POST',
        data: driftJobBody(wanted.job),
      });
      return google.settle(operation, { api: 'run', version: 'v2' });
    }
    case 'schedule': {
      const { region, name, cron, email } = wanted;
      const place = `projects/${project}/locations/${region}/jobs`;
      const data = {
        ...{ name: `${place}/${name}`, schedule: cron, timeZone: 'Etc/UTC' },
        description: 'Drover: looks for drift',
        httpTarget: {
          ...{ uri: runAddress(project, region, name), httpMethod: 'POST' },
          oauthToken: { serviceAccountEmail: email },
        },
      };
      await google.ask({ api: 'cloudscheduler', path: `v1/${place}`, method: 'POST', data });
      return;
    }
    case 'grant':
      return addGrant(google, wanted);
  }
}
