/** What nobody handled in this process, since `watch`. */
export const unhandled = {
  count: 0,
  /** From now on such errors are counted and shown, and end nothing. */
  watch(): void {
    const note = (error: unknown): void => {
      unhandled.count++;
      console.error('unhandled:', error);
    };
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
  },
};
