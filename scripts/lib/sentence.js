// Put into the hot file by scripts/build.mjs; see sentences.mjs. Says something even where the file is gone:
// a refusal stays the refusal that it is.
import { readFileSync } from 'node:fs';

let sentences;

export function __sentence(number, ...values) {
  try {
    sentences ??= JSON.parse(readFileSync(`${__dirname}/sentences.json`, 'utf8'));
    return sentences[number].split('{}').reduce((text, part, i) => text + values[i - 1] + part);
  } catch {
    return `refusal ${number} (sentences.json is missing: install git-signet again)`;
  }
}
