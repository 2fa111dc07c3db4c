import { dirname, join } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';

/** All declarations that the library's entry reaches, as the text of one file. */
export function bundleTypes(entry) {
  const output = { noBanner: true, exportReferencedTypes: false };
  const preferredConfigPath = join(dirname(entry), '../tsconfig.json');
  return generateDtsBundle([{ filePath: entry, output }], { preferredConfigPath })[0];
}
