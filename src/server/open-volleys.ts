import type { WireKey } from '../protocol/key.ts';
import { GET, type ReadForm } from './read-form.ts';
import type { Volley } from './volley.ts';

/** The volleys that are being collected for one connection: that of plain gets, and those of all other forms. */
export class OpenVolleys {
  #gets: Volley | undefined;
  readonly #others = new Map<string, Volley>();

  get empty(): boolean {
    return this.#gets === undefined && this.#others.size === 0;
  }

  get operations(): number {
    let operations = this.#gets?.operations ?? 0;
    if (this.#others.size > 0)
      for (const other of this.#others.values()) operations += other.operations;
    return operations;
  }

  of(form: ReadForm): Volley | undefined {
    return form === GET ? this.#gets : this.#others.get(form.name);
  }

  add(volley: Volley): void {
    if (volley.form === GET) this.#gets = volley;
    else this.#others.set(volley.form.name, volley);
  }

  remove(volley: Volley): void {
    if (volley === this.#gets) this.#gets = undefined;
    else this.#others.delete(volley.form.name);
  }

  /** One that asks for this key; any for '', which stands for every key. */
  asking(key: WireKey): Volley | undefined {
    if (this.#gets !== undefined && (key === '' || this.#gets.has(key))) return this.#gets;
    if (this.#others.size === 0) return undefined;
    for (const other of this.#others.values()) if (key === '' || other.has(key)) return other;
    return undefined;
  }

  /**
   * One that has to leave before a read joins those of its own form: both ask for its key, and either changes it. Reads
   * of one form share what they find, unless there is nothing left for the second.
   */
  before(form: ReadForm, key: WireKey): Volley | undefined {
    if (form.changes && this.#gets?.has(key) === true) return this.#gets;
    if (this.#others.size === 0) return undefined;
    for (const other of this.#others.values()) {
      const inTurn = form.changes || other.form.changes;
      const shares = other.form.name === form.name && !form.ends;
      if (inTurn && !shares && other.has(key)) return other;
    }
    return undefined;
  }
}
