type PlainObject = Record<string, unknown>;
type Maker = new () => PlainObject;

/** What V8 makes room for: eight more than `makerOf` assigns. With more properties an object is rather a dictionary. */
const MOST_IN_OBJECT = 32;
/** After seven objects V8 takes away the room that none of them has used. */
const OBJECTS_WATCHED = 8;

const makers: Maker[] = [];

/**
 * An empty plain object with room for exactly so many properties. To `{}` V8 gives room for four, and from the fifth on
 * they are in an array beside it: 112 bytes for five in the place of 64.
 */
export function emptyObject(properties: number): PlainObject {
  if (properties > MOST_IN_OBJECT) return {};
  return new (makers[properties] ?? watchedMaker(properties))();
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
