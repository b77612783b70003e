import type { Command } from './command.ts';
import { bench } from './commands/bench.ts';
import { config } from './commands/config.ts';
import { decr, incr } from './commands/count.ts';
import { remove } from './commands/delete.ts';
import { discover } from './commands/discover.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { get } from './commands/get.ts';
import { keys } from './commands/keys.ts';
import { ping } from './commands/ping.ts';
import { set } from './commands/set.ts';
import { stats } from './commands/stats.ts';
import { touch } from './commands/touch.ts';
import { version } from './commands/version.ts';
import { where } from './commands/where.ts';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  get,
  set,
  remove,
  touch,
  incr,
  decr,
  where,
  stats,
  doctor,
  ping,
  keys,
  discover,
  config,
  demo,
  bench,
  version,
];
