import { z } from 'zod';
import type { Call, Google } from './google';
import type { Condition, Guarded } from './items';
import { Refusal } from './refusal';

const conditionSchema = z.looseObject({ title: z.string().default(''), expression: z.string() });
/** Loose, for what we don't know of is given back as it was. */
const policySchema = z.looseObject({
  etag: z.string().optional(),
  bindings: z
    .array(
      z.looseObject({
        role: z.string(),
        members: z.array(z.string()).default([]),
        condition: conditionSchema.optional(),
      }),
    )
    .default([]),
});
type Policy = z.infer<typeof policySchema>;

export interface Grant {
  readonly on: Guarded;
  readonly email: string;
  readonly role: string;
  readonly condition?: Condition;
}

const mostRaces = 5;

export async function isGranted(google: Google, grant: Grant): Promise<boolean> {
  return has(policySchema.parse(await google.ask(readCall(google.project, grant.on))), grant);
}

/** Adds one member to one role, by compare-and-swap: nobody else's change is lost. @throws Refusal */
export async function addGrant(google: Google, grant: Grant): Promise<void> {
  for (let races = 0; ; races += 1) {
    const policy = policySchema.parse(await google.ask(readCall(google.project, grant.on)));
    if (has(policy, grant)) return;
    try {
      await google.ask(writeCall(google.project, grant.on, withGrant(policy, grant)));
      return;
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'exists' || races === mostRaces) throw error;
    }
  }
}

/** One without a condition gives more than is wanted, and what is wanted. */
function has({ bindings }: Policy, { email, role, condition }: Grant): boolean {
  return bindings.some(
    (binding) =>
      binding.role === role &&
      binding.members.includes(`serviceAccount:${email}`) &&
      (binding.condition === undefined || binding.condition.expression === condition?.expression),
  );
}

/** The policy with the member in its role; version 3, or Google would drop or refuse conditions. */
function withGrant(policy: Policy, { email, role, condition }: Grant): Policy {
  const member = `serviceAccount:${email}`;
  const same = policy.bindings.findIndex(
    (binding) => binding.role === role && binding.condition?.expression === condition?.expression,
  );
  const bindings = policy.bindings.map((binding, index) =>
    index === same ? { ...binding, members: [...binding.members, member] } : binding,
  );
  if (same === -1)
    bindings.push({ role, members: [member], ...(condition && { condition: { ...condition } }) });
  return { ...policy, version: 3, bindings };
}

function readCall(project: string, on: Guarded): Call {
  const asked = 'options.requestedPolicyVersion=3';
  switch (on.kind) {
    case 'project':
      return {
        ...{ api: 'cloudresourcemanager', path: `v3/projects/${project}:getIamPolicy`, method: 'POST' },
        data: { options: { requestedPolicyVersion: 3 } },
      };
    case 'bucket':
      return { api: 'storage', path: `storage/v1/b/${on.name}/iam?optionsRequestedPolicyVersion=3` };
    case 'account':
      return {
        ...{ api: 'iam', path: `v1/projects/${project}/serviceAccounts/${on.name}:getIamPolicy?${asked}` },
        ...{ method: 'POST', data: {} },
      };
    case 'secret':
      return { api: 'secretmanager', path: `v1/${on.name}:getIamPolicy?${asked}` };
    case 'job':
      return { api: 'run', path: `${jobPath(project, on)}:getIamPolicy?${asked}` };
  }
}

function writeCall(project: string, on: Guarded, policy: Policy): Call {
  const data = { policy };
  switch (on.kind) {
    case 'project':
      return {
        ...{ api: 'cloudresourcemanager', path: `v3/projects/${project}:setIamPolicy`, method: 'POST' },
        data,
      };
    case 'bucket':
      return { api: 'storage', path: `storage/v1/b/${on.name}/iam`, method: 'PUT', data: policy };
    case 'account':
      return {
        ...{ api: 'iam', path: `v1/projects/${project}/serviceAccounts/${on.name}:setIamPolicy` },
        ...{ method: 'POST', data },
      };
    case 'secret':
      return { api: 'secretmanager', path: `v1/${on.name}:setIamPolicy`, method: 'POST', data };
    case 'job':
      return { api: 'run', path: `${jobPath(project, on)}:setIamPolicy`, method: 'POST', data };
  }
}

const jobPath = (project: string, { region, name }: Guarded & { kind: 'job' }): string =>
  `v2/projects/${project}/locations/${region}/jobs/${name}`;
