// The Chromium that stands in for a person's browser, in the demo and in tests.
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { chromium } from 'playwright-core';

/** Absolute path of CHROMIUM_PATH, or of one by its usual names on PATH; undefined where there is none. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  return names
    .flatMap((name) => [...folders, '/usr/bin'].map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** Headless, quiet on the network, in an own empty profile. */
export function launchChromium(executablePath = findChromium()) {
  const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update'];
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync', ...quiet];
  return chromium.launch({ executablePath, args });
}
