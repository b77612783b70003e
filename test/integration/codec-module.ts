/** A codec as an application would keep it in a file of its own: loaded by the workers. */
export function encode(value: unknown): { bytes: Uint8Array; flags: number } {
  return { bytes: Buffer.from(JSON.stringify(value)), flags: 777 };
}

export function decode(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}
