// Exit code 0 where node_modules holds what package-lock.json names, else 1.
import { readFileSync } from 'node:fs';

const packagesOf = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return {};
  }
};

const installed = packagesOf('node_modules/.package-lock.json');
const missing = Object.entries(packagesOf('package-lock.json')).filter(
  // Optional ones are for other platforms, most of them.
  ([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version,
);
process.exitCode = missing.length === 0 ? 0 : 1;
