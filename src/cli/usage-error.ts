/** The user can mend it: one sentence on stderr, exit code 2. */
export class UsageError extends Error {}
