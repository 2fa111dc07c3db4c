import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Who holds the copyright of the MIT licensed packages that publish no licence text; from their repositories. */
const WITHOUT_TEXT = {
  'koa-compose': 'Copyright (c) 2013 TJ Holowaychuk',
  'proxy-agent-negotiate': 'Copyright (c) 2013 Nathan Rajlich',
};

const MIT_TEXT = join(import.meta.dirname, 'MIT.txt');
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
  const copyright = WITHOUT_TEXT[manifest.name];
  if (names.length === 0 && copyright && manifest.license === 'MIT') {
    texts.push((await readFile(MIT_TEXT, 'utf8')).trim().replace('{copyright}', copyright));
  }
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
