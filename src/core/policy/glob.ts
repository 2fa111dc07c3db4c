/** Globs over names of refs and paths: `*` is anything but `/`, `**` anything; the rest stands for itself. */

import { foldName } from './foldName.ts';

/** Whether the whole name fits. Without backtracking: as many steps as pattern times name at most. */
export function globMatches(pattern: string, name: string): boolean {
  // reached[i]: the parts of the pattern so far can end before name[i].
  let reached = [0];
  for (const part of pattern.split(/(\*+)/)) {
    if (part === '') continue;
    reached = part.startsWith('*')
      ? afterStar(reached, name, part.length > 1)
      : afterText(reached, name, part);
  }
  return reached.includes(name.length);
}

export function someGlobMatches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => globMatches(pattern, name));
}

/**
 * Whether a changed path is one of these, or lies where the folder of one has to be: a file or a link `deploy` takes the
 * place of all of `deploy/**`. In whatever spelling: where people check it out, `Deploy/x` may be the file `deploy/x`.
 */
export function someGlobIsTouched(patterns: readonly string[], path: string): boolean {
  const name = foldName(path);
  const folded = patterns.map(foldName);
  return someGlobMatches(folded, name) || folded.some((pattern) => foldersOf(pattern).includes(name));
}

/** The folders that a pattern spells out: `a` and `a/b` of `a/b/*.txt`. */
function foldersOf(pattern: string): readonly string[] {
  const segments = pattern.split('/').slice(0, -1);
  const star = segments.findIndex((segment) => segment.includes('*'));
  const plain = star < 0 ? segments : segments.slice(0, star);
  return plain.map((_, place) => plain.slice(0, place + 1).join('/'));
}

function afterText(reached: readonly number[], name: string, text: string): number[] {
  return reached.filter((at) => name.startsWith(text, at)).map((at) => at + text.length);
}

function afterStar(reached: readonly number[], name: string, crossesSlash: boolean): number[] {
  const ends = new Set<number>();
  for (const start of reached) {
    for (let at = start; at <= name.length && !ends.has(at); at += 1) {
      ends.add(at);
      if (!crossesSlash && name[at] === '/') break;
    }
  }
  return [...ends];
}
