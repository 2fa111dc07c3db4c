import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

/** All declarations that the library's entry reaches, as the text of one file. */
export async function bundleTypes(entry) {
  const bundle = await rollup({ input: entry, external: /^node:/, plugins: [dts()] });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  return output[0].code;
}
