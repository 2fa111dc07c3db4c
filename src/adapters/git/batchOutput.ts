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
  const head = readBatchHead(output, at);
  if (head === undefined || output.length < head.end) return undefined;
  const { type, start, end } = head;
  return { type, content: type === undefined ? new Uint8Array(0) : output.subarray(start, end - 1), end };
}

/** Type of the item that starts at `at`, where its content does, and where the next item will; undefined without its line. */
export function readBatchHead(
  output: Buffer,
  at: number,
): { readonly type: string | undefined; readonly start: number; readonly end: number } | undefined {
  const start = output.indexOf(0x0a, at) + 1;
  if (start === 0) return undefined;
  const [, type, size] =
    /^[0-9a-f]{40,64} ([a-z]+) (\d{1,15})$/.exec(output.toString('latin1', at, start - 1)) ?? [];
  return { type, start, end: type === undefined ? start : start + Number(size) + 1 };
}

/** Every item of an output that is complete. */
export function* readBatch(output: Buffer): Generator<BatchItem> {
  for (let item = readBatchItem(output, 0); item !== undefined; item = readBatchItem(output, item.end)) {
    yield item;
  }
}
