import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Light pictures of cats and dark ones of dogs: as many of each as asked, with `from` as the first one's number. */
export async function writePets(folder: string, each: number, from = 0): Promise<void> {
  const classes = { cat: '#d0c8b0', dog: '#302820' };
  for (const [label, background] of Object.entries(classes)) {
    await mkdir(join(folder, label), { recursive: true });
    for (let n = from; n < from + each; n += 1) {
      const picture = sharp({ create: { width: 32 + n, height: 40, channels: 3, background } });
      await picture.png().toFile(join(folder, label, `${n}.png`));
    }
  }
}

const sweep = `defaults: [train]
method: random
metric: { name: validation_accuracy, goal: maximize }
parameters:
  lr: { distribution: log_uniform_values, min: 0.0005, max: 0.003 }
  batch_size: { values: [16, 32] }
run_cap: 1
`;

const train = `network: { name: cnn, filters: [4], dense: 8 }
epochs: 1
batch_size: 16
lr: 0.001
`;

const pipeline = `defaults: [sweep]
name: animals
source: { uri: ./photos }
preprocess: { size: 32 }
`;

/** A project as `drover init` makes it, with names as the pages have them, and so small that a training takes a second; `hook` is a webhook's address. */
export async function writeSmallProject(folder: string, hook: string): Promise<void> {
  await writePets(join(folder, 'photos'), 20);
  await writePets(join(folder, 'more'), 2, 50);
  await mkdir(join(folder, 'configs'), { recursive: true });
  const files = {
    'configs/sweep.yaml': sweep,
    'configs/train.yaml': train,
    'configs/pipeline.yaml': pipeline,
    'configs/cats.yaml': pipeline.replace('animals', 'cats'),
    'configs/pets.yaml': 'name: pets\nsource: { uri: ./photos }\n',
    'configs/deploy.yaml': 'watch: { time: 1s, longest: 10s, every: 1s, on_undecided: go-on }\n',
    'configs/webhooks.yaml': `webhooks:\n  - { name: ci, format: drover, url: '${hook}', secret: CI }\n`,
    'train.json': '{"config": "configs/train.yaml", "overrides": ["epochs=2", "lr=0.002"]}',
    'key-header': 'Authorization: Bearer nobody-asks-for-it',
    'notes.txt': 'no picture',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const picture = sharp({ create: { width: 50, height: 40, channels: 3, background: '#d0c8b0' } });
  for (const name of ['cat.png', 'cat.jpg', 'dog.jpg', 'photo.jpg']) await picture.toFile(join(folder, name));
}
