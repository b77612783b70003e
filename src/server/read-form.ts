import { cappedExptime } from '../protocol/ttl.ts';
import type { Version } from '../protocol/version.ts';

/** The verbs of retrieval: `mg` is asked for what the classic ones cannot tell. */
export type ReadVerb = 'get' | 'gets' | 'gat' | 'gats' | 'mg';

/** How an item is asked for. Reads of one form that are issued in one moment travel together. */
export interface ReadForm {
  /** The classic command, or `mg` where there is none for it. */
  readonly verb: ReadVerb;
  /** Tells forms apart. */
  readonly name: string;
  /** The exptime that `gat` and `gats` give an item. */
  readonly exptime: number | undefined;
  /** The flags of the meta command that asks the same, without `b` and `k`. */
  readonly flags: string;
  /** The same for keys that only a meta command can carry. */
  readonly metaOnly: boolean;
  /** Bytes that a request takes at most for each key beside the key itself. */
  readonly bytesBeside: number;
  /** Whether answers hold the item's value. */
  readonly valued: boolean;
  /** Whether they must hold its client flags. */
  readonly withFlags: boolean;
  /** Whether they must hold its cas token. */
  readonly withCas: boolean;
  /** Answers may leave the value out, because it is the one that the flag `C` names. */
  readonly conditional: boolean;
  /** What the flag `O` says, if it is among the flags. */
  readonly opaque: string | undefined;
  /** Whether it leaves an item other than it was: reads of one key take effect in the order they were issued. */
  readonly changes: boolean;
  /** Whether there is no item any more once it has been read. */
  readonly ends: boolean;
  /** The verb that says whether it may be done twice, by what it does to an item. */
  readonly repeatsAs: 'get' | 'gets' | 'gat' | 'gats' | 'mg' | 'lease';
  /** Whoever gets its lease stores the item anew. */
  readonly renews?: boolean;
  /** The first release that knows it, where the server's own dialect does not say so. */
  readonly since: Version | undefined;
}

const BYTES_OF_LINE = 2048;

/** Without a line end within the first 2 KiB the server closes the connection, save for `get` and `gets`. */
export const MOST_GAT_BYTES: number = BYTES_OF_LINE - 64;

export const GET: ReadForm = {
  verb: 'get',
  name: 'get',
  exptime: undefined,
  flags: 'v f',
  metaOnly: false,
  bytesBeside: 1,
  valued: true,
  withFlags: true,
  withCas: false,
  conditional: false,
  opaque: undefined,
  changes: false,
  ends: false,
  repeatsAs: 'get',
  since: undefined,
};

export const GETS: ReadForm = {
  ...GET,
  verb: 'gets',
  name: 'gets',
  flags: 'v f c',
  withCas: true,
  repeatsAs: 'gets',
};

/** `gat` and `gats` are text commands since memcached 1.5.3. */
const GAT_SINCE: Version = [1, 5, 3];

/** Reads that give their items a new exptime. */
export function getAndTouch(exptime: number, withCas: boolean): ReadForm {
  const verb = withCas ? 'gats' : 'gat';
  return {
    ...GET,
    verb,
    name: `${verb} ${exptime}`,
    exptime,
    flags: `T${exptime} v f${withCas ? ' c' : ''}`,
    withCas,
    changes: true,
    ends: exptime < 0,
    repeatsAs: verb,
    since: GAT_SINCE,
  };
}

/** Of a line of its own: `mg `, ` b O<number> ` and the line's end. */
const lineBytes = (flags: string): number => flags.length + 20;

/** Reads by `mg` with these flags, among them `v` and `f` if they are to hold the value. */
export function metaRead(flags: string, since?: Version): ReadForm {
  const given = flags.split(' ');
  const has = (letter: string): boolean => given.some((flag) => flag.startsWith(letter));
  const leases = has('N') || has('R');
  return {
    verb: 'mg',
    name: `mg ${flags}`,
    exptime: undefined,
    flags,
    metaOnly: true,
    bytesBeside: lineBytes(flags),
    valued: has('v'),
    withFlags: has('f'),
    withCas: has('c'),
    conditional: has('C'),
    opaque: given.find((flag) => flag.startsWith('O'))?.slice(1),
    changes: leases || has('T'),
    ends: has('T-'),
    // A lease that was won and lost on the way would be lost to the one who asks again.
    repeatsAs: leases ? 'lease' : has('T') ? 'gat' : 'mg',
    since,
  };
}

/**
 * The same read where nothing lives longer than `maxTtl` seconds from now. An item that is renewed because it has less
 * left than it can ever have would be due again at once.
 */
export function capped(form: ReadForm, maxTtl: number | undefined): ReadForm {
  if (maxTtl === undefined || !form.changes) return form;
  const exptime = (given: string): number => cappedExptime(Number(given), maxTtl);
  if (!form.metaOnly) return getAndTouch(cappedExptime(form.exptime ?? 0, maxTtl), form.withCas);
  const isDueAtOnce = (flag: string): boolean =>
    form.renews === true && flag.startsWith('R') && Number(flag.slice(1)) >= maxTtl;
  const flags = form.flags
    .split(' ')
    .filter((flag) => !isDueAtOnce(flag))
    .map((flag) => (/^[NT]/.test(flag) ? `${flag[0]}${exptime(flag.slice(1))}` : flag));
  return metaRead(flags.join(' '), form.since);
}

const META_FORMS = new WeakMap<ReadForm, ReadForm>();

/** The same question as a meta command. */
export function asMeta(form: ReadForm): ReadForm {
  if (form.metaOnly) return form;
  let meta = META_FORMS.get(form);
  if (meta === undefined) {
    const { flags } = form;
    const bytesBeside = lineBytes(flags);
    meta = { ...form, name: `mg ${flags}`, metaOnly: true, bytesBeside, since: undefined };
    META_FORMS.set(form, meta);
  }
  return meta;
}
