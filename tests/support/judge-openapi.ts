import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiDocument } from '../../api/openapi/document';

/** Prints what OpenAPI's own schema says of the document. A process of its own, as the judge is an ES module, which Jest does not load. */
async function main(): Promise<void> {
  const document = JSON.parse(JSON.stringify(openApiDocument()));
  process.stdout.write(JSON.stringify(await new Validator().validate(document)));
}

void main();
