import { Scope } from './scope.ts';

/** The events of an emitter: a name and the arguments its listeners receive. */
export type EventArguments<Events> = { [Name in keyof Events]: unknown[] };

type Listener = (...args: unknown[]) => void;

interface Registration {
  /** As of when it was added: what emits an event belongs to somebody else, or to nobody. */
  readonly scope: Scope;
  readonly listener: Listener;
  readonly once: boolean;
}

/**
 * Unlike node:events it never throws: no event has a meaning of its own, so none kills a process
 * for want of a listener, and a listener that throws does so in a moment of its own, where the
 * process reports it as uncaught. A listener sees the stores of AsyncLocalStorage there were when it was added.
 */
export class TypedEmitter<Events extends EventArguments<Events>> {
  /**
   * Lists are replaced, never changed, so that a listener may add and remove listeners while it is
   * called.
   */
  readonly #registrations = new Map<keyof Events, readonly Registration[]>();

  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): this {
    return this.#add(name, listener as Listener, false);
  }

  once<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): this {
    return this.#add(name, listener as Listener, true);
  }

  /** Removes the listener added last, if it was added more than once. */
  off<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): this {
    const list = this.#registrations.get(name) ?? [];
    const index = list.findLastIndex(
      (registration) => registration.listener === (listener as Listener),
    );
    if (index !== -1) this.#replace(name, list.toSpliced(index, 1));
    return this;
  }

  /** Ask before building an event's arguments. */
  hasListeners(name: keyof Events): boolean {
    return this.#registrations.has(name);
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    const list = this.#registrations.get(name);
    if (list === undefined) return;
    for (const registration of list) {
      if (registration.once && !this.#take(name, registration)) continue;
      try {
        const { scope, listener } = registration;
        scope.run(() => listener(...args));
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #add(name: keyof Events, listener: Listener, once: boolean): this {
    const registration = { scope: new Scope(), listener, once };
    this.#replace(name, [...(this.#registrations.get(name) ?? []), registration]);
    return this;
  }

  /** False if it is gone: an emit inside an emit has called it already. */
  #take(name: keyof Events, registration: Registration): boolean {
    const list = this.#registrations.get(name) ?? [];
    const rest = list.filter((other) => other !== registration);
    this.#replace(name, rest);
    return rest.length < list.length;
  }

  #replace(name: keyof Events, list: readonly Registration[]): void {
    if (list.length === 0) this.#registrations.delete(name);
    else this.#registrations.set(name, list);
  }
}
