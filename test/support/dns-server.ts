import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import type { TestContext } from 'node:test';

export interface SrvAnswer {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** What is known of a name. An IPv4 address is an A record, an IPv6 address an AAAA record. */
export interface Zone {
  [name: string]: readonly (string | SrvAnswer)[] | 'SERVFAIL' | 'silence';
}

interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  /** Its bytes, which the answer repeats. */
  readonly raw: Buffer;
}

const TYPES = { A: 1, AAAA: 28, SRV: 33 } as const;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const HEADER_BYTES = 12;
/** The name of the question, by its place in the message (RFC 1035, 4.1.4). */
const QUESTION_NAME = Buffer.from([0xc0, HEADER_BYTES]);

/** A name server over UDP that answers A, AAAA and SRV from a table (RFC 1035, 3596, 2782). */
export class DnsServer {
  /** Changed at will. */
  zone: Zone;
  /** Questions it was asked, such as `A cache.test`. */
  readonly asked: string[] = [];
  readonly #socket: Socket = createSocket('udp4');

  private constructor(zone: Zone) {
    this.zone = zone;
    this.#socket.on('message', (message, from) => this.#answer(message, from));
  }

  /** Ends with the test. */
  static async start(t: TestContext, zone: Zone): Promise<DnsServer> {
    const server = new DnsServer(zone);
    t.after(() => server.#socket.close());
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  #answer(message: Buffer, from: RemoteInfo): void {
    const question = readQuestion(message);
    const types = Object.entries(TYPES);
    const [type = String(question.type)] =
      types.find(([, number]) => number === question.type) ?? [];
    this.asked.push(`${type} ${question.name}`);
    const known = Object.hasOwn(this.zone, question.name) ? this.zone[question.name] : undefined;
    if (known === 'silence') return;
    const code = known === undefined ? NXDOMAIN : known === 'SERVFAIL' ? SERVFAIL : 0;
    const answers = typeof known === 'object' ? known : [];
    const records = answers.map(record).filter((one) => one.type === question.type);
    this.#socket.send(reply(message, question, { code, records }), from.port, from.address);
  }
}

interface DnsRecord {
  readonly type: number;
  readonly data: Buffer;
}

function readQuestion(message: Buffer): DnsQuestion {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at]; length > 0; length = message[at]) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = message.readUInt16BE(at + 1);
  // c-ares may play with the case of a name to recognise its answer.
  const name = labels.join('.').toLowerCase();
  return { name, type, raw: message.subarray(HEADER_BYTES, at + 5) };
}

function reply(
  message: Buffer,
  question: DnsQuestion,
  { code, records }: { code: number; records: readonly DnsRecord[] },
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 2);
  // An answer with authority, recursion asked for and available.
  header.writeUInt16BE(0x8580 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answers = records.flatMap(({ type, data }) => {
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(type, 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt16BE(data.length, 8);
    return [QUESTION_NAME, fixed, data];
  });
  return Buffer.concat([header, question.raw, ...answers]);
}

function record(answer: string | SrvAnswer): DnsRecord {
  if (typeof answer !== 'string') {
    const numbers = Buffer.alloc(6);
    [answer.priority, answer.weight, answer.port].forEach((number, i) =>
      numbers.writeUInt16BE(number, 2 * i),
    );
    return { type: TYPES.SRV, data: Buffer.concat([numbers, nameBytes(answer.target)]) };
  }
  return isIPv4(answer)
    ? { type: TYPES.A, data: Buffer.from(answer.split('.').map(Number)) }
    : { type: TYPES.AAAA, data: ipv6Bytes(answer) };
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function ipv6Bytes(ip: string): Buffer {
  const [head, tail = ''] = ip.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail)];
  const zeros = new Array<number>(8 - left.length - right.length).fill(0);
  const bytes = Buffer.alloc(16);
  [...left, ...zeros, ...right].forEach((group, i) => bytes.writeUInt16BE(group, 2 * i));
  return bytes;
}
