import type { Service } from './client';

type Template = NonNullable<Service['template']>;
type Container = NonNullable<Template['containers']>[number];

export interface ModelRevision {
  readonly revision: string;
  readonly cloud: { readonly image: string };
  readonly store: string;
  readonly model: string;
  readonly version: number;
}

/**
 * A template with another image and model: everything else, such as memory, secrets and scaling, stays as it is. Of several
 * containers it is the one that takes the requests, which has a port.
 */
export function withModel(template: Template, made: ModelRevision): Template {
  const containers = template.containers ?? [];
  const found = containers.findIndex(({ ports }) => (ports?.length ?? 0) > 0);
  const at = Math.max(0, found);
  const changed = withVersion(containers[at] ?? {}, made);
  return {
    ...template,
    revision: made.revision,
    containers:
      containers.length === 0 ? [changed] : containers.map((each, index) => (index === at ? changed : each)),
  };
}

function withVersion(container: Container, { cloud, store, model, version }: ModelRevision): Container {
  const given: Readonly<Record<string, string>> = {
    DROVER_STORE: store,
    DROVER_MODEL: model,
    DROVER_MODEL_VERSION: String(version),
  };
  const kept = (container.env ?? []).filter(({ name }) => name == null || !Object.hasOwn(given, name));
  return {
    ...container,
    image: cloud.image,
    env: [...kept, ...Object.entries(given).map(([name, value]) => ({ name, value }))],
    // The revision is ready once its model is loaded and warm, and not before.
    startupProbe: container.startupProbe ?? {
      ...{ httpGet: { path: '/readyz' }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 36 },
    },
  };
}
