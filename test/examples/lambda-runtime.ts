// Stands in for AWS Lambda: a process that is given one invocation after the other, and frozen in between.
import { handler } from './lambda.ts';

process.on('message', (invocation: Parameters<typeof handler>[0]) => {
  void handler(invocation).then(
    (answer) => process.send?.({ answer }),
    (error: Error) => process.send?.({ error: String(error.stack) }),
  );
});
