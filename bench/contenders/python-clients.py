"""Clients of memcached for Python, as a contender of the bench: a line of JSON for each request, one for each answer.

Their calls block, so callers are threads, each with a client of its own.
"""

import json
import os
import random
import resource
import sys
import threading
import time

BATCHES = 64


def pylibmc_client(servers, text):
    import pylibmc

    return pylibmc.Client(servers, behaviors={"tcp_nodelay": True, "no_block": True})


def pymemcache_client(servers, text):
    from pymemcache import serde
    from pymemcache.client.base import Client
    from pymemcache.client.hash import HashClient

    options = {"no_delay": True, "timeout": 30, "connect_timeout": 30}
    if text:
        options["serde"] = serde.pickle_serde
    if len(servers) == 1:
        return Client(servers[0], **options)
    return HashClient(servers, **options)


def of_pylibmc(client):
    return client.get, client.get_multi, lambda key, value, ttl: client.set(key, value, time=ttl)


def of_pymemcache(client):
    return client.get, client.get_many, lambda key, value, ttl: client.set(key, value, expire=ttl)


CLIENTS = {
    "pylibmc": (pylibmc_client, of_pylibmc),
    "pymemcache": (pymemcache_client, of_pymemcache),
}


class Load:
    def __init__(self, request):
        connect, verbs_of = CLIENTS[request["client"]]
        text = request["kind"] == "string"
        servers = request["servers"]
        self.keys = request["keys"]
        self.many = request["many"]
        self.verbs = [verbs_of(connect(servers, text)) for _ in range(request["threads"])]
        values = request["values"]
        self.values = values if text else [value.encode("latin1") for value in values]
        self.fill(request["ttl"])

    def fill(self, ttl):
        """Stores every value, then reads every one back, both ways: nobody is timed on wrong answers."""
        get, get_many, store = self.verbs[0]
        for key, value in zip(self.keys, self.values):
            store(key, value, ttl)
        for index, (key, value) in enumerate(zip(self.keys, self.values)):
            if get(key) != value:
                raise ValueError(f"the value stored under key {index} came back changed")
        asked = self.keys[: self.many]
        if get_many(asked) != dict(zip(asked, self.values)):
            raise ValueError("the values of many keys came back changed")

    def batches(self):
        last = len(self.keys) - self.many
        starts = [random.randint(0, last) for _ in range(BATCHES)]
        return [self.keys[start : start + self.many] for start in starts]

    def call_single(self, thread, done):
        get = self.verbs[thread][0]
        keys = random.choices(self.keys, k=4096)

        def call(turn):
            if get(keys[turn % len(keys)]) is None:
                done["misses"] += 1

        return call, 1

    def call_many(self, thread, done):
        get_many = self.verbs[thread][1]
        batches = self.batches()
        many = self.many

        def call(turn):
            if len(get_many(batches[turn % BATCHES])) != many:
                done["misses"] += 1

        return call, many

    def loop(self, thread, end_at, done):
        prepare = self.call_many if self.many > 1 else self.call_single
        call, weight = prepare(thread, done)
        clock = time.perf_counter
        times = done["times"]
        turn = 0
        before = clock()
        try:
            while before < end_at:
                call(turn)
                turn += 1
                after = clock()
                times.append(int((after - before) * 1e9))
                before = after
        except Exception as error:  # what ends a thread fails the slice
            done["error"] = str(error)
        done["operations"] = turn * weight

    def run(self, seconds):
        before = resource.getrusage(resource.RUSAGE_SELF)
        started_at = time.perf_counter()
        results = [{"misses": 0, "times": [], "error": None} for _ in self.verbs]
        threads = [
            threading.Thread(target=self.loop, args=(thread, started_at + seconds, result))
            for thread, result in enumerate(results)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - started_at
        after = resource.getrusage(resource.RUSAGE_SELF)
        for result in results:
            if result["error"] is not None:
                raise RuntimeError(result["error"])
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {
            "operations": sum(result["operations"] for result in results),
            "misses": sum(result["misses"] for result in results),
            "seconds": elapsed,
            "cpuMicros": cpu * 1e6,
            "rssMiB": after.ru_maxrss / 1024,
            "times": [nanoseconds for result in results for nanoseconds in result["times"]],
        }


def main():
    load = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["type"] == "prepare":
                load = Load(request)
                answer = {"type": "ready"}
            else:
                answer = {"type": "ran", **load.run(request["seconds"])}
        except Exception as error:
            answer = {"type": "failed", "reason": str(error)}
        print(json.dumps(answer), flush=True)
    os._exit(0)


# Ctrl-C reaches the whole process group: the bench itself decides when its processes end.
if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()
