import { unsigned32 } from './c-numbers.ts';
import type { FakeReply } from './fake-replies.ts';
import type { ReadRequest } from './fake-request.ts';

/** Names and passwords. */
export type FakeUsers = Readonly<Record<string, string>>;

/** What stands between a connection and the commands of a server that has users (`-Y`). */
export class FakeAuthentication {
  readonly #users: FakeUsers | undefined;
  #passed: boolean;

  constructor(users: FakeUsers | undefined) {
    this.#users = users;
    this.#passed = users === undefined;
  }

  get passed(): boolean {
    return this.#passed;
  }

  /** A store of anything whose value is a name and a password. */
  try({ verb, words, data, terminated }: ReadRequest): FakeReply {
    if (verb !== 'set' || words.length < 5 || unsigned32(words[4]) === undefined)
      return 'CLIENT_ERROR unauthenticated\r\n';
    if (!terminated) return 'CLIENT_ERROR bad command line termination\r\n';
    const [name, password] = data
      .toString('latin1')
      .split(' ')
      .filter((word) => word !== '');
    if ((password as string | undefined) === undefined)
      return 'CLIENT_ERROR bad authentication token format\r\n';
    const users = this.#users ?? {};
    this.#passed = Object.hasOwn(users, name) && users[name] === password;
    return this.#passed ? 'STORED\r\n' : 'CLIENT_ERROR authentication failure\r\n';
  }
}
