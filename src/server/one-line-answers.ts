/** What a reply of one line says; undefined for one that is somebody else's answer. */
export type LineReader<T> = (reply: string) => { answer: T } | undefined;

export const saidVersion: LineReader<string> = (reply) =>
  reply.startsWith('VERSION ') ? { answer: reply.slice('VERSION '.length) } : undefined;

export const done: LineReader<true> = (reply) => (reply === 'OK' ? { answer: true } : undefined);
