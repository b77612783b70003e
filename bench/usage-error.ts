/** The caller can mend it: said in one sentence, without a stack. */
export class UsageError extends Error {}
