const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** An array of values that refers to each of twice, so that writing it down would take 2^40 steps. */
function laughter(): Buffer {
  let inner = '92 01 01';
  for (let id = 1; id <= 40; id++) {
    const number = id.toString(16).padStart(8, '0');
    inner = `92 d669${number} ${inner} d670${number}`;
  }
  // The byte behind the end is what makes msgpackr write down what it has read, for the message of its error.
  return bytes(`${inner} 00`);
}

const RECORD = 'd47240 91a161 01';

/** Records, for which msgpackr makes functions from text, and references: nothing of it is written here, nor read. */
export const REFUSED_MSGPACK: Readonly<Record<string, Buffer>> = {
  'a record': bytes(RECORD),
  'a record that comes often': bytes(`9a ${RECORD} ${'4002'.repeat(9)}`),
  'a record of two bytes': bytes('d57240 00 91a161 01'),
  'a record that redefines itself': bytes(`92 ${RECORD} d47240 91a162 02`),
  'a record with __proto__': bytes(`d47240 91a9${Buffer.from('__proto__').toString('hex')} 80`),
  'a record without names': bytes('d47240 01'),
  'a reference to nothing': bytes('d670 00000001'),
  'a reference to what holds it': bytes('d669 00000001 91 d670 00000001'),
  'an object that is named': bytes('d669 00000001 81a16101'),
  'references that multiply': laughter(),
};

/** What msgpackr has for what msgpack has not: read as what it says, or not at all. */
export const EXTENSIONS: Readonly<Record<string, Buffer>> = {
  'an Error': bytes('d465 00 93 aa 52616e67654572726f72 a178 c0'),
  'an Error of a name that is none': bytes('d465 00 93 a846756e6374696f6e a178 c0'),
  ...Object.fromEntries(
    Object.getOwnPropertyNames(Object.prototype).map((name) => [
      `an Error called ${name}`,
      Buffer.concat([
        bytes('d465 00 93 d9'),
        Buffer.from([name.length]),
        Buffer.from(name),
        bytes('a178 c0'),
      ]),
    ]),
  ),
  'an Error of one byte': bytes('d465 00 91'),
  'a Set': bytes('d473 00 93 01 01 02'),
  'a Set of a number': bytes('d473 00 01'),
  'a Set longer than its item': bytes('d473 00 dd ffffffff'),
  'a RegExp': bytes('d478 00 92 a428612b29 a167'),
  'a RegExp that is none': bytes('d478 00 92 a128 a167'),
  'a RegExp of objects': bytes('d478 00 92 81a16101 80'),
  'a typed array': bytes('c705 74 03 01020304'),
  'a typed array of no type': bytes('c705 74 0f 01020304'),
  'a typed array cut in an element': bytes('c704 74 06 010203'),
  'a typed array longer than its item': bytes('c9 ffffffff 74 06 010203'),
  'strings put together': bytes('d662 00000004 a161 a162'),
  'strings put together before their beginning': bytes('d662 80000000 a161 a162'),
  'strings put together behind the end': bytes('d662 7fffffff a161 a162'),
  'a BigInt of no bytes': bytes('c700 42'),
  'a BigInt longer than its item': bytes('c9 ffffffff 42 01'),
};
