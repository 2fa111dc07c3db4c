/** Pieces of a stream, made lines. */
export interface LineJoiner {
  /** The lines that end in this piece. */
  add(piece: string): readonly string[];
  /** What follows the last end of a line. */
  rest(): string;
}

/**
 * Joins each line once: put together anew with each piece, one of a gigabyte would take hours. Strangers write
 * them. `end`: what a line ends in.
 */
export function lineJoiner(end: '\n' | '\0' = '\n'): LineJoiner {
  let pieces: string[] = [];
  return {
    add(piece) {
      const [first = '', ...others] = piece.split(end);
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
