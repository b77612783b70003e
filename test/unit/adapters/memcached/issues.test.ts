import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IssueDetails, ServerIssues } from '../../../../src/adapters/memcached/issues.ts';
import { settingsOf } from '../../../../src/adapters/memcached/options.ts';

interface Watched {
  readonly issues: ServerIssues;
  readonly events: (readonly [event: string, details: IssueDetails])[];
  readonly clock: { now: number };
}

function watched(options: object): Watched {
  const clock = { now: 0 };
  const events: Watched['events'] = [];
  const settings = settingsOf({}, { failures: 2, retry: 100, failuresTimeout: 1000, ...options });
  const issues = new ServerIssues(
    'h:1',
    settings,
    (event, details) => events.push([event, details]),
    () => clock.now,
  );
  return { issues, events, clock };
}

const names = ({ events }: Watched): string[] => events.map(([event]) => event);

test('failures within the pause are one issue', () => {
  const all = watched({});
  for (let i = 0; i < 5; i++) all.issues.failed('lost');
  assert.deepEqual(names(all), ['issue']);
  assert.deepEqual(all.events[0][1], {
    server: 'h:1',
    tokens: ['1', 'h'],
    messages: ['lost'],
    failures: 2,
    totalFailures: 0,
  });
});

test('after so many issues the server is dead, and that is told once', () => {
  const all = watched({});
  for (; all.clock.now < 1000; all.clock.now += 50) all.issues.failed('lost');
  assert.deepEqual(names(all), ['issue', 'issue', 'failure']);
});

test('issues are forgotten after a time without', () => {
  const all = watched({});
  all.issues.failed('one');
  all.clock.now += 100;
  all.issues.failed('two');
  all.clock.now += 1001;
  all.issues.failed('three');
  assert.deepEqual(names(all), ['issue', 'issue', 'issue']);
  assert.deepEqual(all.events[2][1].messages, ['three']);
  assert.equal(all.events[2][1].failures, 2);
});

test('of a dead server its dials are told, and its return is a new beginning', () => {
  const all = watched({ failures: 0 });
  all.issues.dialled();
  all.issues.failed('lost');
  all.clock.now += 500;
  all.issues.dialled();
  all.issues.dialled();
  all.issues.reached();
  all.issues.reached();
  assert.deepEqual(names(all), ['failure', 'reconnecting', 'reconnecting', 'reconnect']);
  const { messages, ...counts } = all.events[3][1];
  assert.deepEqual(messages, ['lost']);
  assert.deepEqual(counts, {
    server: 'h:1',
    tokens: ['1', 'h'],
    totalReconnectsAttempted: 2,
    totalReconnectsSuccess: 1,
    totalReconnectsFailed: 1,
    totalDownTime: 500,
  });
  all.issues.failed('again');
  assert.deepEqual(names(all).at(-1), 'failure');
});

test('with remove nothing is heard of it any more', () => {
  const all = watched({ failures: 0, remove: true });
  all.issues.failed('lost');
  all.issues.dialled();
  all.issues.reached();
  all.issues.failed('lost');
  assert.deepEqual(names(all), ['remove']);
});

test('a hundred messages are kept', () => {
  const all = watched({});
  for (let i = 0; i < 150; i++) all.issues.failed(`message ${i}`);
  const { messages } = all.issues.details;
  assert.equal(messages.length, 100);
  assert.equal(messages[99], 'message 149');
});
