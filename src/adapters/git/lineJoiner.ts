/** Pieces of a stream, made lines. */
export interface LineJoiner {
  /** The lines that end in this piece. */
  add(piece: string): readonly string[];
  /** What follows the last line feed. */
  rest(): string;
}

/** Joins each line once: put together anew with each piece, one of a gigabyte would take hours. Strangers write them. */
export function lineJoiner(): LineJoiner {
  let pieces: string[] = [];
  return {
    add(piece) {
      const [first = '', ...others] = piece.split('\n');
      pieces.push(first);
      const last = others.pop();
      if (last === undefined) return [];
      const line = pieces.join('');
      pieces = [last];
      return [line, ...others];
    },
    rest: () => pieces.join(''),
  };
}
