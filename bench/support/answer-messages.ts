/** The other side of an AskedProcess: answers each message, ends when nobody is left to ask, and only then. */
export function answerMessages<Request, Answer>(
  answer: (request: Request) => Promise<Answer>,
): void {
  process.on('message', (request: Request) => {
    answer(request).then(
      (reply) => process.send?.(reply),
      (error: Error) => process.send?.({ type: 'failed', reason: error.message }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group: the bench itself decides when its processes end.
  process.on('SIGINT', () => {});
}
