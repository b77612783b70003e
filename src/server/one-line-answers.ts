/** What a reply of one line says; undefined for one that is somebody else's answer. */
export type LineReader<T> = (reply: string) => { answer: T } | undefined;

export const saidVersion: LineReader<string> = (reply) =>
  reply.startsWith('VERSION ') ? { answer: reply.slice('VERSION '.length) } : undefined;

/** Exactly the two words a command may be answered with. */
const yesOrNo =
  (yes: string, no: string): LineReader<boolean> =>
  (reply) =>
    reply === yes ? { answer: true } : reply === no ? { answer: false } : undefined;

export const DELETED: LineReader<boolean> = yesOrNo('DELETED', 'NOT_FOUND');
export const META_DELETED: LineReader<boolean> = yesOrNo('HD', 'NF');
export const TOUCHED: LineReader<boolean> = yesOrNo('TOUCHED', 'NOT_FOUND');
/** `mg` says of an item that has been marked stale whether somebody is to renew it. */
const META_HIT = /^HD(?: [WXZ])*$/;
export const META_TOUCHED: LineReader<boolean> = (reply) =>
  META_HIT.test(reply) ? { answer: true } : reply === 'EN' ? { answer: false } : undefined;

export const done: LineReader<true> = (reply) => (reply === 'OK' ? { answer: true } : undefined);

export const newCount: LineReader<bigint | undefined> = (reply) => {
  if (reply === 'NOT_FOUND') return { answer: undefined };
  return /^\d{1,20}$/.test(reply) ? { answer: BigInt(reply) } : undefined;
};
