import { program } from '../../cli/main';
import { openApiDocument } from '../../api/openapi/document';
import { referenceSchema, writtenNames } from '../../contracts/schemas/reference';
import { apiPage } from './api-page';
import { commandPage } from './command-page';
import { schemaTable } from './schema-page';

/** The pages of the reference by their names, each made from what the code itself reads. */
export function referencePages(): Readonly<Record<string, string>> {
  const files = writtenNames.filter((name) => name !== 'settings');
  const configuration = files.map((name) => `## ${name}\n\n${schemaTable(referenceSchema(name))}\n`);
  return {
    configuration: `# Every key\n\nMade from the schemas that files are checked by. What the keys do, with examples, is in [configuration](../configuration.md).\n\n${configuration.join('\n')}`,
    settings: `# Every setting\n\nMade from the schema that the environment is checked by. More of each is in [settings](../settings.md).\n\n${schemaTable(referenceSchema('settings'))}\n`,
    commands: commandPage(program),
    requests: apiPage(openApiDocument()),
  };
}
