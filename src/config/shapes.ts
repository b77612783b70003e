import { HASH_NAMES } from '../routing/hashers.ts';
import { list, object, type Rule, type Schema } from './check.ts';

const word: Schema = { type: 'string', minLength: 1 };
const traits = {
  weight: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  label: word,
  servername: word,
  name: word,
  spelling: word,
} as const;
const server = (place: 'host' | 'path', others: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties: { [place]: word, ...others, ...traits },
  required: [place],
  additionalProperties: false,
});

/** Of servers; parseServers looks into it. */
export const serverList: Rule = {
  ...list,
  schema: {
    type: 'array',
    items: {
      anyOf: [
        word,
        server('host', { port: { type: 'integer', minimum: 1, maximum: 65_535 } }),
        server('path', {}),
      ],
    },
  },
};

/** A hash with options of its own; hasherOf looks into it. */
export const hashSettings: Rule = {
  allowed: object.allowed,
  accepts: object.accepts,
  schema: {
    type: 'object',
    properties: { name: { enum: HASH_NAMES } },
    required: ['name'],
  },
};

/** checkCredentials looks into it. */
export const credentials: Rule = {
  allowed: object.allowed,
  accepts: object.accepts,
  schema: {
    type: 'object',
    properties: {
      username: word,
      password: word,
      scheme: { enum: ['memcached', 'memcachier'] },
    },
    required: ['username', 'password'],
    additionalProperties: false,
  },
};

/** A codec of the user's own: JSON can only say where it is. */
export const codecObject: Rule = {
  allowed: object.allowed,
  accepts: object.accepts,
  schema: { type: 'object', properties: { module: word }, required: ['module'] },
};

/** An object of functions: JSON has none. */
export const functions: Rule = { allowed: object.allowed, accepts: object.accepts };
