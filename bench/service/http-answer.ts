/** What of an HTTP answer is looked at. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';
const HEAD = /^HTTP\/1\.1 (\d{3}) [^]*\r\ncontent-length: (\d+)/i;

/** The one answer these bytes are, undefined as long as some of it has not come. Throws for what has no length. */
export function readAnswer(bytes: Buffer): HttpAnswer | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const [, status, length] = HEAD.exec(bytes.toString('latin1', 0, headEnd)) ?? [];
  if (status === undefined) throw new Error('not an HTTP answer of a known length');
  const start = headEnd + HEAD_END.length;
  const end = start + Number(length);
  if (bytes.length > end) throw new Error('more was answered than was asked for');
  return bytes.length < end
    ? undefined
    : { status: Number(status), body: bytes.subarray(start, end) };
}
