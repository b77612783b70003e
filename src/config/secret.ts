import { INSPECT } from '../primitives/inspect.ts';

/**
 * A frozen copy that keeps its fields for those who read them and shows none when it is printed or
 * serialized.
 */
export function secret<Fields extends object>(fields: Fields): Fields {
  return Object.freeze(Object.assign(Object.create(Secret.prototype) as Fields, fields));
}

class Secret {
  toJSON(): string {
    return '[hidden]';
  }

  [INSPECT](): string {
    return '[hidden]';
  }
}
