/** What `git cat-file --batch` prints: `OID SP TYPE SP SIZE LF CONTENT LF`, or `NAME SP missing LF`. */

export interface BatchItem {
  /** Undefined where there is no such object. */
  readonly type: string | undefined;
  readonly content: Uint8Array;
  /** Where the next item starts. */
  readonly end: number;
}

/** The item that starts at `at`; undefined where it is not there whole. */
export function readBatchItem(output: Buffer, at: number): BatchItem | undefined {
  const lineEnd = output.indexOf(0x0a, at);
  if (lineEnd < 0) return undefined;
  const [, type, size] =
    /^[0-9a-f]{40,64} ([a-z]+) (\d{1,15})$/.exec(output.toString('latin1', at, lineEnd)) ?? [];
  if (type === undefined) return { type: undefined, content: new Uint8Array(0), end: lineEnd + 1 };
  const contentEnd = lineEnd + 1 + Number(size);
  if (output.length <= contentEnd) return undefined;
  return { type, content: output.subarray(lineEnd + 1, contentEnd), end: contentEnd + 1 };
}

/** Every item of an output that is complete. */
export function* readBatch(output: Buffer): Generator<BatchItem> {
  for (let item = readBatchItem(output, 0); item !== undefined; item = readBatchItem(output, item.end)) {
    yield item;
  }
}
