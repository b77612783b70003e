import { isServer } from '../routing/fleet.ts';
import type { Server } from '../server/server.ts';
import type { AnswerSink } from '../server/sinks.ts';
import { Attempt, type AttemptCall, type AttemptRoom, type Subject } from './attempt.ts';

/** Hands a command about a key to a server. */
export type SendTo<A> = (server: Server, wire: string, sink: AnswerSink<A>) => void;

/** A command about one key that carries no value: `delete`, `touch`, a step of a counter. */
export class Ask<A> extends Attempt<A> {
  readonly #send: SendTo<A>;

  constructor(room: AttemptRoom, call: AttemptCall<A>, subject: Subject, send: SendTo<A>) {
    super(room, call, subject);
    this.#send = send;
  }

  override go(): void {
    const { by, wire } = this.subject;
    const route = this.room.route(by, this.tried);
    if (!isServer(route)) {
      this.fail(0, route);
      return;
    }
    this.room.forgetFormer(by, wire);
    this.#send(route, wire, this);
  }
}
