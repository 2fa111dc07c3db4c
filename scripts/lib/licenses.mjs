import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Texts for packages that publish none, `NAME.txt` with `/` as `+`; from their repositories. */
const OWN_TEXTS = join(import.meta.dirname, 'licenses');

const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** Folders of the npm packages that the bundles hold code of, relative to the repository. */
export function bundledPackages(metafiles) {
  const folders = new Set();
  for (const metafile of metafiles) {
    for (const output of Object.values(metafile.outputs)) {
      for (const input of Object.keys(output.inputs)) {
        const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
        if (match) folders.add(match[1]);
      }
    }
  }
  return [...folders].sort();
}

/** Name, version, licence and licence texts of a package; `texts` is empty where it ships none. */
export async function readLicense(root, folder) {
  const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const names = (await readdir(join(root, folder))).filter((name) => LICENSE_FILE.test(name)).sort();
  const texts = [];
  for (const name of names) texts.push((await readFile(join(root, folder, name), 'utf8')).trim());
  const own = join(OWN_TEXTS, `${manifest.name.replace('/', '+')}.txt`);
  if (names.length === 0 && existsSync(own)) texts.push((await readFile(own, 'utf8')).trim());
  return { name: manifest.name, version: manifest.version, license: manifest.license, texts };
}

/** THIRD_PARTY_LICENSES.txt: every bundled package once, with its licence text. */
export async function renderLicenses(root, metafiles) {
  const packages = [];
  for (const folder of bundledPackages(metafiles)) packages.push(await readLicense(root, folder));
  const sections = new Map();
  for (const { name, version, license, texts } of packages) {
    const title = `${name} ${version} (${license})`;
    sections.set(title, [title, '', texts.join('\n\n') || 'The package ships no licence text.'].join('\n'));
  }
  const head = 'git-signet contains code of the packages below, each under its own licence.';
  return `${[head, ...[...sections.keys()].sort().map((title) => sections.get(title))].join(`\n\n${'-'.repeat(78)}\n`)}\n`;
}
