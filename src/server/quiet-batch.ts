import type { Carrier } from '../connection/carrier.ts';
import type { Command } from '../connection/command.ts';
import type { MemcacheError, Sent } from '../errors.ts';
import { latin1 } from '../primitives/bytes.ts';
import type { WireKey } from '../protocol/key.ts';
import type { Grammar, LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { type ErrorLine, errorFor } from '../protocol/status.ts';
import {
  isAnswerTo,
  QUIET_OVERHEAD_BYTES,
  type QuietCommand,
  type QuietPort,
  type QuietVerb,
} from './quiet-commands.ts';
import { timedOut } from './refusals.ts';
import type { AnswerSink } from './sinks.ts';

/** One barrier costs little for so many. More of them could not be taken back one by one. */
const MOST_COMMANDS = 256;

/** What a batch tells the lane it belongs to. */
export interface QuietHost {
  /** Looked at when the batch is written: by then the server has been asked. */
  readonly port: QuietPort;
  /** Bytes of one batch at most, unless a single command has more. */
  readonly mostQuietBytes: number;
  /** So much waits for answers that callers had better wait, too. */
  readonly crowded: boolean;
  /** The server has answered in time. */
  served(): void;
  /** One of so many commands was answered with an error line. */
  rejected(error: MemcacheError, commands: number): void;
}

interface Member {
  readonly command: QuietCommand;
  readonly sink: AnswerSink<undefined>;
  readonly tag: number;
}

/** What a server answers after everything before it. */
const META_BARRIER = 'mn';
const CLASSIC_BARRIER = 'version';

/** What the flag `q` does not hide; of a stale item `mg` says more. */
const LOUD = /^(?:HD(?: [WXZ])*|NF|NS|EX|EN)$/;

/**
 * Commands whose callers wait only until they have left, collected in one moment and sent together. A server tells of
 * errors even then, without saying of which command; so behind the last one goes a barrier, and what comes before its
 * answer belongs to the batch. A lone command is sent to be answered instead, which takes fewer bytes; so is every
 * command to a proxy in front of several servers, where no barrier is behind them all. Those answers are dropped.
 */
export class QuietBatch implements Command {
  readonly grammar: Grammar = 'meta';
  readonly complete = true;
  /** That of its commands; 'noreply' where they have several. */
  verb: QuietVerb | 'noreply' = 'noreply';
  deadline: number = Infinity;
  operations = 0;
  /** Bytes of its keys and values, and what comes beside them at most. */
  bytes = 0;
  readonly #host: QuietHost;
  readonly #keys: WireKey[] = [];
  readonly #different = new Set<WireKey>();
  #releases: (() => void)[] = [];
  /** Those who wait for it to leave. */
  #members: Member[] = [];
  /** Members that must not be sent, each with the reason. */
  #refused: { readonly member: Member; readonly error: MemcacheError }[] = [];
  /** What has left. */
  #sent: readonly QuietVerb[] = [];
  /** Those who wait do so until it is answered. */
  #holds = false;
  /** Each of them is answered; else there is one barrier behind them. */
  #answered = false;
  /** How it was spelled: what the server is known to speak may change before the answer. */
  #meta = false;
  /** Answers and errors that came. */
  #lines = 0;

  constructor(host: QuietHost) {
    this.#host = host;
  }

  /** The keys of its commands, one for each. */
  get keys(): readonly WireKey[] {
    return this.#keys;
  }

  has(key: WireKey): boolean {
    return this.#different.has(key);
  }

  /** Whether it concerns a key, sealed or not. */
  asks(key: WireKey): boolean {
    return this.has(key);
  }

  get size(): number {
    return this.#keys.length;
  }

  get full(): boolean {
    return this.operations >= MOST_COMMANDS || this.bytes >= this.#host.mostQuietBytes;
  }

  hasRoomFor(command: QuietCommand): boolean {
    return !this.full && this.bytes + bytesOf(command) <= this.#host.mostQuietBytes;
  }

  join(command: QuietCommand, sink: AnswerSink<undefined>, tag: number): void {
    const { verb, key, release } = command;
    if (this.operations === 0) this.verb = verb;
    else if (this.verb !== verb) this.verb = 'noreply';
    if (release !== undefined) this.#releases.push(release);
    if (sink.deadline < this.deadline) this.deadline = sink.deadline;
    this.#members.push({ command, sink, tag });
    this.#keys.push(key);
    this.#different.add(key);
    this.operations++;
    this.bytes += bytesOf(command);
  }

  /** The socket has what it was given, or never will. */
  readonly release = (): void => {
    const releases = this.#releases;
    this.#releases = [];
    for (const release of releases) release();
    if (this.#sent.length > 0 && !this.#holds) this.#answer(() => true);
  };

  /** What has left is to be answered although nobody waits for it. */
  get abandoned(): boolean {
    return this.#sent.length === 0 && this.#members.every(({ sink }) => sink.settled);
  }

  write(writer: RequestWriter): void {
    const { speaksMeta, administration } = this.#host.port.limits;
    const wanted = this.#members.filter(({ sink }) => !sink.settled);
    const answered = wanted.length === 1 || !administration;
    this.#members = wanted.filter((member) => this.#encode(member, writer, answered));
    if (this.#members.length === 0) throw this.#refused[0].error;
    this.#sent = this.#members.map(({ command }) => command.verb);
    this.#answered = answered;
    this.#meta = speaksMeta;
    if (answered) return;
    writer.reserve(CLASSIC_BARRIER.length + 2);
    writer.text(speaksMeta ? META_BARRIER : CLASSIC_BARRIER).crlf();
  }

  carried(by: Carrier): void {
    for (const { sink } of this.#members) sink.carried?.(by);
  }

  /**
   * That is all its callers wait for, save for those whose memory is still with the socket, and unless too much waits
   * already: who awaits each call before the next one is then slowed down, not turned away.
   */
  written(): void {
    for (const { sink } of this.#members) sink.sent = 'maybe';
    this.#holds = this.#host.crowded;
    if (!this.#holds) this.#answer(({ command }) => !command.lends);
    this.#tellRefused();
  }

  line(bytes: Buffer, start: number, end: number): LineVerdict {
    const line = latin1(bytes, start, end);
    if (this.#answered) return isAnswerTo(this.#sent[this.#lines], line) ? this.#took() : 'foreign';
    const meta = this.#meta;
    if (meta ? line === 'MN' : line.startsWith('VERSION ')) {
      this.#host.served();
      this.#answer(() => true);
      return 'last';
    }
    return meta && LOUD.test(line) ? this.#took() : 'foreign';
  }

  refusedPart(error: ErrorLine): LineVerdict {
    if (this.#lines === this.#sent.length) return 'foreign';
    this.#tellRejected(error);
    return this.#took();
  }

  /** After this error the connection is not trusted any more. */
  refused(error: ErrorLine): void {
    this.#tellRejected(error);
    this.#answer(() => true);
  }

  /** What the socket has taken is none of its callers' concern any more. */
  fail(error: MemcacheError): void {
    const members = this.#members;
    this.#members = [];
    this.#tellRefused();
    for (const { sink, tag } of members) if (!sink.settled) sink.fail(tag, error);
  }

  expire(now: number, sent: Sent): number {
    const waiting = this.#members.filter(({ sink }) => !sink.settled);
    this.#wait(waiting.filter(({ sink }) => sink.deadline > now));
    const late = waiting.filter(({ sink }) => sink.deadline <= now);
    for (const { command, sink, tag } of late)
      sink.fail(tag, timedOut(command.verb, this.#host.port.name, sent));
    return late.length;
  }

  match(): number {
    return -1;
  }
  wants(): boolean {
    return false;
  }
  item(): void {}
  end(): void {}

  /** False for a command that must not be sent: it fails alone. */
  #encode(member: Member, writer: RequestWriter, answered: boolean): boolean {
    const before = writer.length;
    try {
      member.command.write(writer, !answered, this.#host.port);
      return true;
    } catch (error) {
      if (writer.length > before) throw error;
      this.#refused.push({ member, error: error as MemcacheError });
      return false;
    }
  }

  #wait(members: Member[]): void {
    this.#members = members;
    this.deadline = Math.min(...members.map(({ sink }) => sink.deadline));
  }

  #answer(which: (member: Member) => boolean): void {
    const members = this.#members;
    this.#wait(members.filter((member) => !which(member)));
    for (const member of members)
      if (which(member) && !member.sink.settled) member.sink.answer(member.tag, undefined);
  }

  /** A command causes one line at most. */
  #took(): LineVerdict {
    this.#lines++;
    if (this.#answered) this.#host.served();
    if (this.#lines > this.#sent.length) return 'foreign';
    if (!this.#answered || this.#lines < this.#sent.length) return 'more';
    this.#answer(() => true);
    return 'last';
  }

  #tellRejected(error: ErrorLine): void {
    const { name } = this.#host.port;
    const [verb, commands]: [string, number] = this.#answered
      ? [this.#sent[this.#lines], 1]
      : [this.verb, this.#sent.length];
    this.#host.rejected(errorFor(error, verb, name), commands);
  }

  #tellRefused(): void {
    const refused = this.#refused;
    this.#refused = [];
    for (const { member, error } of refused) member.sink.fail(member.tag, error);
  }
}

const bytesOf = ({ key, length }: QuietCommand): number =>
  key.length + length + QUIET_OVERHEAD_BYTES;
