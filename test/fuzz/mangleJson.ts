import type { Inner } from './mangle.ts';
import type { Random } from './random.ts';

type Place = { readonly holder: Record<string, unknown>; readonly key: string };

const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  -(2 ** 31),
  '',
  'x',
  '\u0000\n\u001b[2J\u202e',
  [],
  {},
  [[[[]]]],
  { __proto__: null, length: 1e9 },
  'A'.repeat(5000),
  Array(300).fill('AAAA'),
];

/** Changes one member of what is JSON, or what lies inside a text; undefined for anything else. */
export function mangleJson(bytes: Buffer, random: Random, inner: Inner): Buffer | undefined {
  const first = bytes.toString('latin1', 0, 40).trimStart().charAt(0);
  if (first !== '{' && first !== '[') return undefined;
  let root: { top: unknown };
  try {
    root = { top: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return undefined;
  }
  const place = random.pick(placesIn(root as Record<string, unknown>, 0));
  const { holder, key } = place;
  const value = holder[key];
  if (typeof value === 'string' && random.chance(65)) holder[key] = mangleString(value, random, inner);
  else change(place, random);
  const text = JSON.stringify(root.top) ?? '';
  return Buffer.from(random.chance(3) ? text.replace('{', '{"__proto__":{"status":"good"},') : text);
}

function placesIn(holder: Record<string, unknown>, depth: number): readonly Place[] {
  return Object.keys(holder).flatMap((key) => {
    const value = holder[key];
    const below = typeof value === 'object' && value !== null && depth < 20;
    return [{ holder, key }, ...(below ? placesIn(value as Record<string, unknown>, depth + 1) : [])];
  });
}

/** Base64 and hex are changed in what they stand for as well. */
function mangleString(text: string, random: Random, inner: Inner): string {
  if (text.length >= 8 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0 && random.chance(80)) {
    return inner(Buffer.from(text, 'base64')).toString('base64');
  }
  if (text.length >= 8 && /^(?:[0-9a-f]{2})+$/.test(text) && random.chance(80)) {
    return inner(Buffer.from(text, 'hex')).toString('hex');
  }
  return inner(Buffer.from(text)).toString();
}

function change({ holder, key }: Place, random: Random): void {
  switch (random.int(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 1:
      holder[`${key}x`] = holder[key];
      return;
    case 2:
      holder[key] = [holder[key], holder[key]];
      return;
    case 3:
      holder[key] = { [key]: holder[key] };
      return;
    default:
      holder[key] = structuredClone(random.pick(STRANGE));
  }
}
