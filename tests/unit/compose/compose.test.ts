import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { withSecretFiles } from '../../../cli/secret-files';
import { readSourceSecrets } from '../../../contracts/schemas/source-secrets';
import { composeFile, dockerfileOf } from '../../support/compose-file';

const root = join(__dirname, '..', '..', '..');
const { services, networks, volumes, secrets } = composeFile();
const all = Object.entries(services);

/** Services that do one thing and end. */
const jobs = ['schema', 'namespace', 'bucket-volume', 'bucket-ready', 'cli'];

describe.each(all)('the service %s', (name, service) => {
  it('says whether it is well, or is a job that ends', () => {
    if (jobs.includes(name)) {
      expect(service.restart).toMatch(/^(no|on-failure:\d+)$/);
      return;
    }
    const own = /^HEALTHCHECK --/m.test(dockerfileOf(service) ?? '');
    expect({ checked: own || service.healthcheck?.test !== undefined }).toEqual({ checked: true });
    expect(service.restart).toBe('unless-stopped');
  });

  it('has bounds on its memory, its processes and its log', () => {
    const { memory, pids } = service.deploy.resources.limits;
    expect(memory).toMatch(/^(\d+[mg]|\$\{DROVER_[A-Z_]+:-\d+[mg]\})$/);
    expect(pids).toBeLessThanOrEqual(2000);
    expect(service.logging.options).toEqual({ 'max-size': '10m', 'max-file': '3' });
  });

  it('may do no more than it needs', () => {
    expect(service.privileged ?? false).toBe(false);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.cap_add ?? []).toEqual([]);
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.read_only).toBe(true);
    expect(service.user ?? '1').not.toMatch(/^(0|root)(:|$)/);
    const built = dockerfileOf(service);
    if (built !== undefined) expect(built).toMatch(/^USER 10001:10001$/m);
  });

  it('has a version that is pinned, or is built here', () => {
    if (service.build)
      expect(service.image).toMatch(/^\$\{DROVER_IMAGES:-drover\}\/[a-z-]+:\$\{DROVER_VERSION:-local\}$/);
    else expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?(-alpine)?$/);
  });

  it('has no secret in its environment, and knows each file that it names', () => {
    for (const [variable, value] of Object.entries(service.environment)) {
      const named = /^\/run\/secrets\/(\w+)$/.exec(value.replace(/^\$\{\w+:\+(.*)\}$/, '$1'))?.[1];
      if (named !== undefined) expect(service.secrets).toContain(named);
      else if (variable === 'DROVER_API_KEYS')
        expect(value).toBe('${DROVER_API_KEYS:-}'); // a file's name
      else if (/PASSWORD|PWD|TOKEN|SECRET|KEY|CREDENTIAL/.test(variable)) {
        throw new Error(`${name}: ${variable} is in the environment, and not a file of /run/secrets.`);
      }
    }
    const said = [...(service.entrypoint ?? []), ...(service.command ?? [])].join('\n');
    for (const [, named = ''] of said.matchAll(/\/run\/secrets\/(\w+)/g))
      expect(service.secrets).toContain(named);
  });

  it('listens beyond its networks on loopback alone', () => {
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{DROVER_\w+_PORT:-\d+\}:\d+$/);
    if (service.ports.length > 0) {
      expect(service.networks.some((network) => networks[network]?.internal !== true)).toBe(true);
    }
  });

  it('mounts from this project what is there, and to read alone', () => {
    for (const mount of service.volumes) {
      const [from = '', , mode] = mount.replace(/\$\{\w+:-([^}]*)\}/, '$1').split(':');
      if (!from.startsWith('./')) {
        expect(Object.keys(volumes)).toContain(from);
        continue;
      }
      expect(mode).toBe('ro');
      // Your own, which git has none of.
      if (from !== './photos' && from !== './secrets/worker')
        expect({ from, there: existsSync(join(root, from)) }).toEqual({ from, there: true });
    }
  });

  it('waits for services that are there, for a job until it has ended', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on)) {
      expect(Object.keys(services)).toContain(other);
      expect(condition).toBe(jobs.includes(other) ? 'service_completed_successfully' : 'service_healthy');
    }
  });
});

it('data that would be missed lies in volumes', () => {
  const kept = Object.fromEntries(
    all.map(([name, { volumes: mounts }]) => [name, mounts.map((mount) => mount.split(':')[1])]),
  );
  expect(kept['postgresql']).toContain('/var/lib/postgresql/data');
  for (const name of ['worker', 'gpu-worker', 'api']) expect(kept[name]).toContain('/data');
  expect(kept['api']).toContain('/home/api');
  expect(kept['bucket']).toContain('/storage');
  expect(kept['prometheus']).toContain('/prometheus');
  expect(kept['grafana']).toContain('/var/lib/grafana');
});

it('a volume whose folder is not in the image is given to its user first', () => {
  // The emulator's image has no /storage: Docker makes such a volume root's, and the emulator is not root.
  const { bucket, 'bucket-volume': giver } = services;
  if (bucket === undefined || giver === undefined)
    throw new Error('docker-compose.yml has no bucket or no bucket-volume.');
  expect(bucket.depends_on['bucket-volume']).toEqual({ condition: 'service_completed_successfully' });
  expect(giver.volumes).toEqual(['bucket:/data']);
  expect(dockerfileOf(giver)).toContain(`chown ${bucket.user} /data`);
});

it('the database is well only when its own server answers, not the one that makes it', () => {
  expect(services['postgresql']?.healthcheck?.test).toEqual(expect.arrayContaining(['-h', '127.0.0.1']));
});

it('a Temporal that is in several networks knows one address of its own', () => {
  // Its image takes what `getent hosts` says of its name, which is a line for each network.
  const { environment = {}, networks: joined = [] } = services['temporal'] ?? {};
  expect(joined.length).toBeGreaterThan(1);
  expect(environment['TEMPORAL_BROADCAST_ADDRESS']).toBe('127.0.0.1');
});

it('two APIs stand behind the proxy, and only it can be reached', () => {
  expect(services['api']?.deploy.replicas).toBe(2);
  expect(services['api']?.ports).toEqual([]);
  const proxy = readFileSync(join(root, 'dockerfiles/haproxy.cfg'), 'utf8');
  expect(proxy).toMatch(/option httpchk GET \/readyz\n\s+server-template api 8 api:8080 check/);
  expect(proxy).toMatch(/bind :8080\n/);
});

it('every secret is a file, and every one is used', () => {
  const used = new Set(all.flatMap(([, service]) => service.secrets));
  expect([...used].sort()).toEqual(Object.keys(secrets).sort());
});

it("the worker's further secrets are files of a folder that it sees, named in a file that may be missing", () => {
  const { env_file: named, volumes: mounts } = services['worker'] ?? {};
  expect(named).toEqual([{ path: './secrets/worker.env', required: false }]);
  expect(mounts).toContain('./secrets/worker:/run/worker-secrets:ro');
  const guide = readFileSync(join(root, 'docs/guides/compose.md'), 'utf8');
  const lines = [...guide.matchAll(/^ +(DROVER_\w*SECRET_\w+)=(.*)$/gm)];
  const given = new Map(lines.map(([, name = '', value = '']) => [name, value]));
  const folder = mkdtempSync(join(tmpdir(), 'drover-compose-'));
  try {
    const variable = 'DROVER_FROM_FILE_DROVER_SECRET_CI';
    const file = (given.get(variable) ?? '').replace('/run/worker-secrets', folder);
    writeFileSync(file, 'a-token\n');
    const read = withSecretFiles({ ...Object.fromEntries(given), [variable]: file });
    expect(readSourceSecrets(read).secrets).toEqual(
      new Map([['CI', { token: 'a-token', host: 'ci.example.com' }]]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("the API's keys lie where its own user writes and reads them, in a folder that its instances share", () => {
  // A secret of one file is yours, closed to the container's user, and another once a key is made: renamed, which no mount follows.
  const guide = readFileSync(join(root, 'docs/guides/compose.md'), 'utf8');
  const folder = /^ +echo DROVER_API_KEYS=(.*)\/api-keys\.json >> \.env/m.exec(guide)?.[1];
  const { environment = {}, volumes: mounts } = services['api'] ?? {};
  expect(folder).toBe(environment['DROVER_HOME']);
  expect(mounts).toContain(`api:${folder}`);
});

it('Prometheus asks services that are there, at the ports where they tell', () => {
  const scrapeSchema = z.object({
    scrape_configs: z.array(
      z.object({
        job_name: z.string(),
        dns_sd_configs: z.array(z.object({ names: z.array(z.string()), port: z.int() })).default([]),
        static_configs: z.array(z.object({ targets: z.array(z.string()) })).default([]),
      }),
    ),
  });
  const configuration = readFileSync(join(root, 'monitoring/prometheus/prometheus.yml'), 'utf8');
  const { scrape_configs: jobsOf } = scrapeSchema.parse(parse(configuration));
  const asked = jobsOf.flatMap(({ dns_sd_configs: found, static_configs: fixed }) => [
    ...found.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
    ...fixed.flatMap(({ targets }) => targets),
  ]);
  for (const target of asked.filter((each) => !each.startsWith('localhost'))) {
    const [name = '', port = ''] = target.split(':');
    expect(services[name]?.networks).toContain('monitoring');
    if (name.endsWith('worker')) expect(services[name]?.environment['DROVER_METRICS_PORT']).toBe(port);
  }
  expect(asked).toEqual(
    expect.arrayContaining(['api:8080', 'worker:9464', 'gpu-worker:9464', 'temporal:9090']),
  );
});

it('compose-secrets.sh makes each secret that must be there once, and never again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-compose-'));
  try {
    mkdirSync(join(folder, 'dockerfiles'));
    const script = join(folder, 'dockerfiles', 'compose-secrets.sh');
    copyFileSync(join(root, 'dockerfiles', 'compose-secrets.sh'), script);
    const make = (): string => execFileSync('sh', [script], { encoding: 'utf8' });
    expect(make()).toBe('secrets/postgres_password made\nsecrets/grafana_password made\n');
    const needed = Object.values(secrets)
      .map(({ file }) => file)
      .filter((file) => !file.includes('/dev/null'));
    const made = needed.map((file) => readFileSync(join(folder, file), 'utf8'));
    for (const secret of made) expect(secret).toMatch(/^[0-9a-f]{48}$/);
    expect(new Set(made).size).toBe(needed.length);
    // The folder keeps others out; users of containers read the files.
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'secrets', 'worker')).mode & 0o777).toBe(0o755);
    expect(make()).toBe('');
    expect(needed.map((file) => readFileSync(join(folder, file), 'utf8'))).toEqual(made);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
