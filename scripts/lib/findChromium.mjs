// Where a Chromium is: CHROMIUM_PATH, or one of its usual names on PATH.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Absolute path of a Chromium, or undefined. */
export function findChromium(env = process.env) {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  const folders = (env.PATH ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}
