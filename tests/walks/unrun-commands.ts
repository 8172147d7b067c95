/** What a page tells to type and no test runs as it stands, by its beginning: why, and what looks at it instead. */
export const unrun: readonly (readonly [begins: RegExp, why: string])[] = [
  [
    /^docker /,
    'needs Docker and the internet; the workflow images.yml builds the images, tests/unit/compose reads the compose file',
  ],
  [/^sh dockerfiles\/compose-secrets/, 'tests/unit/compose runs it'],
  [
    /^helm install/,
    'needs a cluster; tests/unit/delivery/helm-chart.test.ts renders the chart with these values',
  ],
  [/^gcloud /, 'needs Google'],
  [/^cosign /, 'needs a published, signed image'],
  [/^DROVER_STORE=gs:/, 'needs Google; tests/integration/backup.test.ts checks a copied store'],
  [/drover gcp /, 'needs Google; tests/unit/google-setup runs it against a fake of its API'],
  [/drover gpu-workers /, 'needs Google; tests/unit/gpu-workers runs it against a fake of its API'],
  [/--type gpuWorkers /, 'needs Google; tests/workflows run it against a fake of its API'],
  [
    /--target cloud-run/,
    'needs Google; tests/integration/deploy-kills.test.ts runs it against a fake of its API',
  ],
  [
    /configs\/animals10\.yaml/,
    'needs an account at Kaggle; tests/integration/sources.test.ts runs it against a fake',
  ],
  [/^npm ci/, 'installs what these tests stand on'],
  [
    /^(DROVER_\w+=\S+ )?npm start/,
    'goes on for good; the tutorial is walked with it, and tests/integration/cli-start.test.ts',
  ],
  [
    /^npm run (docs:build|--prefix site preview)/,
    'needs the packages of site/; the workflow docs.yml builds the site',
  ],
  [/^npm run -s bench -- chaos/, 'takes minutes to an hour; tests/unit/chaos looks at its parts'],
  [/^git pull/, 'changes this checkout'],
  [/^for tag /, 'needs a project under DVC'],
  [
    /^(pip|tensorboard|wandb|python3 -m venv|~\/\.cache\/.*\/pip) /,
    "installs others' Python packages; tests/integration/mlflow.test.ts and wandb.test.ts run against them where they are",
  ],
  [/^npx jest /, 'is these tests'],
  [/^curl .*\n.*example\.org/, 'asks an address on the internet; tests/api/fetch-picture.test.ts'],
  [/--codec-endpoint/, 'tests/integration/payload-encryption.test.ts runs it beside a codec server'],
  [/^promtool /, 'tests/unit/monitoring/rules.test.ts runs it where there is one'],
];
