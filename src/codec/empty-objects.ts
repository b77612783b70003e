type PlainObject = Record<string, unknown>;
type Maker = new () => PlainObject;

/** What V8 makes room for: eight more than `makerOf` assigns. */
const MOST_IN_OBJECT = 32;
/** As many again stand in an array beside it; with more it would become a dictionary, and has room for none. */
const MOST_WITH_ROOM = 2 * MOST_IN_OBJECT;
/** After seven objects V8 takes away the room that none of them has used. */
const OBJECTS_WATCHED = 8;

const makers: Maker[] = [];

/**
 * An empty plain object with room for so many properties. To `{}` V8 gives room for four, and from the fifth on they are
 * in an array beside it: 112 bytes for five in the place of 64. Nor is it made as `{}` where it needs no room: keys that
 * are read would use up the 1 500 shapes that V8 knows for the application's own objects that begin as `{}`.
 *
 * `firstKey` tells whether the properties are numbered: those are elements, and need no room.
 */
export function emptyObject(properties: number, firstKey = ''): PlainObject {
  const hasRoom = properties <= MOST_WITH_ROOM && !isIndex(firstKey);
  const room = hasRoom ? Math.min(properties, MOST_IN_OBJECT) : 0;
  return new (makers[room] ?? watchedMaker(room))();
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** As V8 has it: 0 to 2^32 - 2, without leading zeros. */
function isIndex(key: string): boolean {
  return isDigit(key.charCodeAt(0)) && String(Number(key) >>> 0) === key && key !== '4294967295';
}

function watchedMaker(properties: number): Maker {
  const maker = makerOf();
  for (let i = 0; i < OBJECTS_WATCHED; i++) {
    const object = new maker();
    for (let property = 0; property < properties; property++) object[`_${property}`] = null;
  }
  return (makers[properties] = maker);
}

/** V8 counts the assignments to properties of `this`, reached or not, before the first object is made. */
function makerOf(): Maker {
  // The name is what debuggers call its objects.
  const named: { Object: { prototype: unknown } } = {
    Object: function (this: { _: unknown }, assigns?: true): void {
      if (assigns === undefined) return;
      this._ = this._ = this._ = this._ = this._ = this._ = this._ = this._ = undefined;
      this._ = this._ = this._ = this._ = this._ = this._ = this._ = this._ = undefined;
      this._ = this._ = this._ = this._ = this._ = this._ = this._ = this._ = undefined;
    },
  };
  named.Object.prototype = Object.prototype;
  return named.Object as Maker;
}
