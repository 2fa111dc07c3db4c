import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Path of a file in the folder of recordings and corpora that stands beside the checkout, or undefined
 * where it is absent. Tests that need it skip then, in one visible line.
 */
export function sharedPath(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../shared/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}
