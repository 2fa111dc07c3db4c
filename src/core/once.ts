import { assumingNothing } from './assume.ts';

/** Makes a value at its first use and keeps it: keys and checks of trust material, never of a signature. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: assumingNothing(make) };
    return made.value;
  };
}
