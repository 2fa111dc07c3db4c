import type { Inner } from './mangle.ts';
import type { Random } from './random.ts';

const ENDS = ['\n', '\r\n', '\n\n', '', '\0', ' \n', '\n ', '\u2028', '\r'];

/** Changes one line of what is text, or what a word of it stands for; undefined for anything else. */
export function mangleText(bytes: Buffer, random: Random, inner: Inner, donor: Buffer): Buffer | undefined {
  if (!isText(bytes)) return undefined;
  const lines = bytes.toString('latin1').split('\n');
  if (lines.length < 2 && bytes.length < 16) return undefined;
  const place = random.int(lines.length);
  const line = lines[place] ?? '';
  const encoded = /[A-Za-z0-9+/]{16,}={0,2}/.exec(line);
  if (encoded !== null && encoded[0].length % 4 === 0 && random.chance(50)) {
    const changed = inner(Buffer.from(encoded[0], 'base64')).toString('base64');
    lines[place] = line.replace(encoded[0], () => changed);
  } else change(lines, place, random, donor);
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** Mostly printable at its beginning. */
function isText(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 64);
  const odd = head.filter((octet) => octet < 9 || (octet > 13 && octet < 32) || octet === 127);
  return odd.length === 0;
}

function change(lines: string[], place: number, random: Random, donor: Buffer): void {
  const line = lines[place] ?? '';
  switch (random.int(9)) {
    case 0:
      lines.splice(place, 1);
      return;
    case 1:
      lines.splice(place, 0, ...Array(1 + random.int(random.chance(95) ? 2 : 2000)).fill(line));
      return;
    case 2:
      lines.splice(place, 0, random.pick(donor.toString('latin1').split('\n')));
      return;
    case 3:
      lines.splice(random.int(lines.length), 0, ...lines.splice(place, 1));
      return;
    case 4:
      lines[place] = line + random.pick(ENDS);
      return;
    case 5:
      lines[place] = ` ${line}`;
      return;
    case 6:
      lines[place] = line.replace(/\d+/, () => random.pick(['0', '-1', '00', '9'.repeat(30), '1e9', '٣']));
      return;
    case 7:
      lines[place] = line.replace(/ /, () => random.pick(['', '  ', '\t', '\u00a0']));
      return;
    default: {
      const at = random.int(line.length + 1);
      const odd = random.pick([
        '\0',
        '"',
        '<',
        '>',
        '\\',
        '\x1b',
        '%',
        '\x80',
        'gpgsig ',
        '-----BEGIN ',
        'ſ',
      ]);
      lines[place] = line.slice(0, at) + odd + line.slice(at);
    }
  }
}
