/** Changes to the JSON of a bundle, by the path of a field: `messageSignature.signature`. */
export interface Json {
  [name: string]: unknown;
}

export type Edit = (json: Json) => void;

/** The value there; throws where the path leads nowhere. */
export function valueAt(json: Json, path: string): unknown {
  const { holder, name } = holderOf(json, path);
  const value = holder[name];
  if (value === undefined) throw new Error(`there is no ${path}`);
  return value;
}

export function set(path: string, value: unknown): Edit {
  return (json) => {
    const { holder, name } = holderOf(json, path);
    holder[name] = value;
  };
}

/** A number in text, one more. */
export function later(path: string): Edit {
  return (json) => set(path, String(Number(valueAt(json, path)) + 1))(json);
}

/** Takes a field, or an element of a list, away. */
export function drop(path: string): Edit {
  return (json) => {
    valueAt(json, path);
    const { holder, name } = holderOf(json, path);
    if (Array.isArray(holder)) holder.splice(Number(name), 1);
    else delete holder[name];
  };
}

export function push(path: string, value: unknown): Edit {
  return (json) => {
    (valueAt(json, path) as unknown[]).push(value);
  };
}

/** Changes one bit in the middle of bytes in base64. */
export function flip(path: string): Edit {
  return (json) => {
    const bytes = Buffer.from(String(valueAt(json, path)), 'base64');
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    set(path, bytes.toString('base64'))(json);
  };
}

function holderOf(json: Json, path: string): { readonly holder: Json; readonly name: string } {
  const names = path.split('.');
  const name = names.pop() ?? '';
  const holder = names.reduce((at: Json, step) => at[step] as Json, json);
  if (typeof holder !== 'object') throw new Error(`there is no ${path}`);
  return { holder, name };
}
