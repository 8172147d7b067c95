import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const chart = join(__dirname, '..', '..', '..', 'charts', 'drover');
const hasHelm = spawnSync('helm', ['version']).status === 0;
if (!hasHelm) process.stderr.write('Skipped: the Helm chart is not rendered, for there is no helm here.\n');
const withHelm = hasHelm ? it : it.skip;

const needed = [
  'image.registry=example.com/drover',
  'store=gs://pets/drover',
  'temporal.address=temporal:7233',
];
const helm = (command: readonly string[], values: readonly string[]) =>
  spawnSync('helm', [...command, ...values.flatMap((value) => ['--set', value])], { encoding: 'utf8' });
const template = (values: readonly string[]) =>
  helm(['template', 'pets', chart, '--kube-version', '1.33.0'], values);

const everything = [
  ...needed,
  ...[
    'payloadKeysSecret=keys',
    'googleCredentialsSecret=google',
    'workers.gpu.enabled=true',
    'keda.enabled=true',
  ],
  ...['temporal.mtlsSecret=tls', 'temporal.privateCa=true', 'temporal.serverName=temporal.example.com'],
  ...['ingress.enabled=true', 'ingress.host=pets.example.com', 'ingress.tlsSecret=certificate'],
  ...['administration.enabled=true', 'administration.host=admin.example.com'],
  ...['administration.tokensSecret=tokens', 'codec.enabled=true', 'codec.host=codec.example.com'],
  ...['codec.ui={https://temporal.example.com}', 'codec.tokenSecret=codec'],
];

/** Where JSON schemas of Kubernetes' kinds lie, as kubeconform takes them; its own way would be to fetch them from the internet. */
const schemas = process.env.KUBERNETES_SCHEMAS;
const hasKubeconform = schemas !== undefined && spawnSync('kubeconform', ['-v']).status === 0;
if (hasHelm && !hasKubeconform)
  process.stderr.write(
    'Skipped: the chart is not held against schemas; that takes kubeconform, and KUBERNETES_SCHEMAS to say where they lie.\n',
  );
const withSchemas = hasHelm && hasKubeconform ? it : it.skip;

/** What KEDA 2.18 to 2.21 read of a trigger `temporal` (pkg/scalers/temporal_scaler.go), and have not deprecated. */
const triggerKeys = [
  ...['endpoint', 'namespace', 'activationTargetQueueSize', 'targetQueueSize', 'taskQueue', 'queueTypes'],
  ...['minConnectTimeout', 'unsafeSsl', 'tlsServerName'],
];
const triggerSecrets = ['apiKey', 'cert', 'key', 'keyPassword', 'ca'];

const part = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  spec: z.unknown().optional(),
});
const pods = z.object({
  template: z.object({
    metadata: z.object({ labels: z.record(z.string(), z.string()) }),
    spec: z.object({
      automountServiceAccountToken: z.literal(false),
      securityContext: z.looseObject({ runAsNonRoot: z.literal(true), seccompProfile: z.unknown() }),
      containers: z.array(
        z.looseObject({
          securityContext: z.object({
            allowPrivilegeEscalation: z.literal(false),
            readOnlyRootFilesystem: z.literal(true),
            capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
          }),
          startupProbe: z.looseObject({}),
          livenessProbe: z.looseObject({}),
          resources: z.object({ requests: z.looseObject({}), limits: z.looseObject({}) }),
        }),
      ),
    }),
  }),
});
const policy = z.object({
  podSelector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
  policyTypes: z.tuple([z.literal('Ingress')]),
  ingress: z.array(z.unknown()).optional(),
});
const scaled = z.object({
  cooldownPeriod: z.int(),
  advanced: z.unknown().optional(),
  triggers: z.array(z.object({ type: z.literal('temporal'), metadata: z.record(z.string(), z.string()) })),
});
const authenticated = z.object({ secretTargetRef: z.array(z.object({ parameter: z.string() })) });

function partsOf(values: readonly string[]) {
  const { status, stdout, stderr } = template(values);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parseAllDocuments(stdout).flatMap((document) => {
    const value: unknown = document.toJS();
    return value === null ? [] : [part.parse(value)];
  });
}

describe('the Helm chart', () => {
  withHelm('has nothing that helm lint finds', () => {
    expect(helm(['lint', '--strict', chart], needed)).toMatchObject({ status: 0 });
  });

  withHelm('says which values are missing', () => {
    const { status, stderr } = template([]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/registry/);
    expect(stderr).toMatch(/store/);
  });

  withHelm('makes no secrets, and scales workers by their queues', () => {
    const { stdout } = template([...needed, 'payloadKeysSecret=keys', 'keda.enabled=true']);
    expect(stdout).not.toMatch(/^kind: Secret$/m);
    expect(stdout).toMatch(/kind: ScaledObject/);
    expect(stdout).toMatch(/secretName: keys/);
    expect(stdout).toMatch(/DROVER_PAYLOAD_KEYS_FILE, value: \/secrets\/payloads\/keys/);
  });

  withHelm('has nothing that helm lint finds with all of it turned on', () => {
    expect(helm(['lint', '--strict', chart], everything)).toMatchObject({ status: 0 });
  });

  withHelm('gives each process no rights, probes and limits, and a policy of who comes in', () => {
    const parts = partsOf(everything);
    const deployments = parts.filter(({ kind }) => kind === 'Deployment');
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual([
      ...['pets-admin', 'pets-api', 'pets-codec', 'pets-worker-cpu', 'pets-worker-gpu'],
    ]);
    const policies = parts
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map(({ spec }) => policy.parse(spec).podSelector.matchLabels);
    for (const { spec } of deployments) {
      const { labels } = pods.parse(spec).template.metadata;
      const over = policies.filter((wanted) =>
        Object.entries(wanted).every(([name, value]) => labels[name] === value),
      );
      expect(over).toHaveLength(1);
    }
  });

  withHelm('lets nobody to administration and codec but who is named', () => {
    const ingressOf = (values: readonly string[], name: string) =>
      partsOf(values)
        .filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name)
        .map(({ spec }) => policy.parse(spec).ingress);
    expect(ingressOf(everything, 'pets-codec')).toEqual([undefined]);
    expect(ingressOf(everything, 'pets-admin')).toEqual([undefined]);
    const named = [...everything, 'networkPolicy.codecFrom[0].podSelector.matchLabels.app=ingress'];
    expect(ingressOf(named, 'pets-codec')).toEqual([
      [{ ports: [{ port: 'http' }], from: [{ podSelector: { matchLabels: { app: 'ingress' } } }] }],
    ]);
  });

  withHelm.each([
    ['administration.tokensSecret=', /tokensSecret names a secret/],
    ['administration.host=', /host says by which name/],
    ['codec.tokenSecret=', /tokenSecret names a secret/],
    ['codec.ui=null', /codec\.ui names/],
    ['payloadKeysSecret=', /codec\.enabled needs payloadKeysSecret/],
  ])('with %s says what is missing', (value, says) => {
    const { status, stderr } = template([...everything, value]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(says);
  });

  withHelm('tells KEDA what its scaler reads', () => {
    const parts = partsOf([...everything, 'temporal.apiKeySecret=key']);
    const triggers = parts
      .filter(({ kind }) => kind === 'ScaledObject')
      .flatMap(({ spec }) => scaled.parse(spec).triggers);
    expect(triggers.map(({ metadata }) => metadata['taskQueue'])).toEqual(['ml', 'cpu', 'gpu']);
    for (const { metadata } of triggers)
      expect(triggerKeys).toEqual(expect.arrayContaining(Object.keys(metadata)));
    const secrets = parts
      .filter(({ kind }) => kind === 'TriggerAuthentication')
      .flatMap(({ spec }) => authenticated.parse(spec).secretTargetRef.map(({ parameter }) => parameter));
    expect(secrets).toEqual(['cert', 'key', 'ca', 'apiKey']);
    expect(triggerSecrets).toEqual(expect.arrayContaining(secrets));
  });

  withHelm('takes no GPU worker away while it may be training, which is no backlog', () => {
    const [cpu, gpu] = partsOf(everything)
      .filter(({ kind }) => kind === 'ScaledObject')
      .map(({ spec }) => scaled.parse(spec));
    expect(cpu?.cooldownPeriod).toBe(600);
    expect(cpu?.advanced).toBeUndefined();
    expect(gpu).toMatchObject({
      cooldownPeriod: 14_400,
      advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { selectPolicy: 'Disabled' } } } },
    });
  });

  withSchemas('is what Kubernetes takes, and KEDA where its schemas are there too', () => {
    const where = ['-schema-location', join(schemas ?? '', '{{ .ResourceKind }}{{ .KindSuffix }}.json')];
    const checked = spawnSync('kubeconform', ['-strict', '-summary', ...where], {
      input: template(everything).stdout,
      encoding: 'utf8',
    });
    expect(checked).toMatchObject({ status: 0, stdout: expect.stringMatching(/Invalid: 0, Errors: 0/) });
  });
});
