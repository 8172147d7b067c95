import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import openapiTypes, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '../../api/openapi/document';
import { tags } from '../../api/openapi/prediction-paths';

const typesFile = join(resolve(__dirname, '../..'), 'lib/client/schema.d.ts');

const heading = `/** Made from the API's OpenAPI document by \`npm run client\`; never changed by hand. */\n\n`;

/** The types of the API's requests and answers, made from its OpenAPI document. */
async function clientTypes(): Promise<string> {
  const whole = openApiDocument();
  // Pages are for people: the client has no use for them.
  const paths = Object.entries(whole.paths).filter(
    ([, { get }]) => get?.tags.includes(tags.reading) !== true,
  );
  // A copy, as it is changed on the way.
  const document = JSON.parse(JSON.stringify({ ...whole, paths: Object.fromEntries(paths) }));
  const types = astToString(await openapiTypes(document, { silent: true, alphabetize: false }));
  return format(heading + types, { ...(await resolveConfig(typesFile)), parser: 'typescript' });
}

/** `npm run client`: after a change to what the API takes or answers. With `--print`, only says what it would write. */
async function main(): Promise<void> {
  const types = await clientTypes();
  if (process.argv.includes('--print')) process.stdout.write(types);
  else await writeFile(typesFile, types);
}

void main();
