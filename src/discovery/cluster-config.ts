import { isIP } from 'node:net';
import { MemcacheClientError, MemcacheConnectionError, type MemcacheError } from '../errors.ts';
import { isText, latin1 } from '../primitives/bytes.ts';
import { errorFor, errorLine } from '../protocol/status.ts';

/** One way to ask a node for the nodes of its cluster. */
export interface ConfigQuestion {
  readonly command: string;
  /** What the first line of the answer begins with. */
  readonly header: string;
}

/** What engines from 1.4.14 on understand, and Memorystore. */
export const CONFIG_QUESTION: ConfigQuestion = {
  command: 'config get cluster',
  header: 'CONFIG cluster',
};

/** For older engines: an item like any other, that whoever may write to the cache may replace. */
export const LEGACY_QUESTION: ConfigQuestion = {
  command: 'get AmazonElastiCache:cluster',
  header: 'VALUE AmazonElastiCache:cluster',
};

/** One node; `host` or `ip` may be empty, not both. */
export interface ClusterNode {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
}

export interface ClusterConfig {
  /** Grows by one with each change of the cluster. */
  readonly version: number;
  readonly nodes: readonly ClusterNode[];
}

/** Some hundred nodes with long names; nobody is read further than this. */
const MAX_PAYLOAD_BYTES = 65_536;
const MAX_LINE_BYTES = 512;
const TRAILER = '\r\nEND\r\n';
const OTHER_ANSWERS = ['ERROR', 'CLIENT_ERROR', 'SERVER_ERROR', 'END'];

/**
 * Reads one answer to a ConfigQuestion, however it is cut into pieces. As AWS documents it, with the length counted from the
 * version to the LF behind the nodes:
 *
 *     CONFIG cluster 0 <length> CR LF
 *     <version> LF
 *     <host>|<ip>|<port>[ <host>|<ip>|<port> ...] LF
 *     CR LF END CR LF
 *
 * Everything else is refused as soon as it shows. What follows END is not looked at: the connection is not used again.
 */
export class ClusterConfigParser {
  readonly #server: string;
  readonly #question: ConfigQuestion;
  #bytes = Buffer.allocUnsafe(1024);
  #used = 0;
  /** Where the payload begins and ends, once the first line is read. */
  #start = 0;
  #end = 0;

  constructor(server: string, question: ConfigQuestion) {
    this.#server = server;
    this.#question = question;
  }

  /** The configuration once it is whole. Throws a MemcacheError for what can never become one. */
  feed(chunk: Uint8Array): ClusterConfig | undefined {
    this.#keep(chunk);
    if (this.#end === 0 && !this.#readHeader()) return undefined;
    const there = Math.min(this.#used - this.#end, TRAILER.length);
    if (there < 0) return undefined;
    if (!isText(TRAILER.slice(0, there), this.#bytes, this.#end, this.#end + there)) {
      throw this.#broken('its length is not the one it announced');
    }
    return there < TRAILER.length ? undefined : this.#readPayload();
  }

  /** A legal answer is never longer; more is not needed to see what is wrong with it. */
  #keep(chunk: Uint8Array): void {
    const most = MAX_LINE_BYTES + MAX_PAYLOAD_BYTES + TRAILER.length;
    const used = Math.min(this.#used + chunk.length, most);
    if (used > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(used, 2 * this.#bytes.length), most));
      this.#bytes.copy(larger, 0, 0, this.#used);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk.subarray(0, used - this.#used), this.#used);
    this.#used = used;
  }

  #readHeader(): boolean {
    const line = latin1(this.#bytes, 0, Math.min(this.#used, MAX_LINE_BYTES));
    const end = line.indexOf('\n');
    if (end === -1) {
      if (!this.#begins(line) || line.length === MAX_LINE_BYTES) throw this.#foreign();
      return false;
    }
    if (line[end - 1] !== '\r') throw this.#foreign();
    const length = this.#announced(line.slice(0, end - 1));
    if (length > MAX_PAYLOAD_BYTES) {
      throw this.#broken(`it announces more than ${MAX_PAYLOAD_BYTES} bytes`);
    }
    this.#start = end + 1;
    this.#end = this.#start + length;
    return true;
  }

  /** Whether a line that has not ended yet may still become an answer. */
  #begins(line: string): boolean {
    return [this.#question.header, ...OTHER_ANSWERS].some(
      (answer) => answer.startsWith(line) || line.startsWith(answer),
    );
  }

  #announced(line: string): number {
    const { command, header } = this.#question;
    const [, length = ''] = /^ \d{1,10} (\d{1,10})$/.exec(line.slice(header.length)) ?? [];
    if (line.startsWith(header) && length !== '') return Number(length);
    if (line === 'ERROR') throw this.#unfit('is a plain memcached: it has no configuration');
    if (line === 'END') throw this.#unfit(`holds no configuration under the key of '${command}'`);
    const error = errorLine(Buffer.from(line, 'latin1'), 0, line.length);
    throw error === undefined ? this.#foreign() : errorFor(error, command, this.#server);
  }

  #readPayload(): ClusterConfig {
    const text = latin1(this.#bytes, this.#start, this.#end);
    const [, version = '', nodes = ''] = /^(\d{1,15})\n([^\r\n]*)\n$/.exec(text) ?? [];
    if (version === '') throw this.#broken('it is not a line of version and one of nodes');
    return {
      version: Number(version),
      nodes: nodes === '' ? [] : nodes.split(' ').map((node, index) => this.#readNode(node, index)),
    };
  }

  #readNode(text: string, index: number): ClusterNode {
    const fields = text.split('|');
    const [host = '', ip = '', port = ''] = fields;
    const legal =
      fields.length === 3 &&
      `${host}${ip}` !== '' &&
      /^[\w.-]{0,253}$/.test(host) &&
      (ip === '' || isIP(ip) !== 0) &&
      /^[1-9]\d{0,4}$/.test(port) &&
      Number(port) <= 65_535;
    if (!legal) throw this.#broken(`its node ${index + 1} is not host|ip|port`);
    return { host, ip, port: Number(port) };
  }

  /** Whoever was asked is no configuration endpoint: asking again does not help. */
  #unfit(problem: string): MemcacheError {
    const { command } = this.#question;
    return new MemcacheClientError(
      'ERR_MEMCACHE_OPTION',
      `option 'discovery': ${this.#server} ${problem}; it is asked for the nodes of a cluster, and single servers ` +
        "are named in 'servers'",
      { server: this.#server, command, sent: 'yes' },
    );
  }

  #foreign(): MemcacheError {
    return this.#protocol(`${this.#server} answered what is no memcached configuration`);
  }

  #broken(problem: string): MemcacheError {
    return this.#protocol(`${this.#server} sent a broken configuration: ${problem}`);
  }

  #protocol(message: string): MemcacheError {
    const { command } = this.#question;
    const details = { server: this.#server, command, sent: 'yes' as const, retryable: true };
    return new MemcacheConnectionError('ERR_MEMCACHE_PROTOCOL', message, details);
  }
}
