import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

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
});
