"""A fleet as libmemcached sees it, through pylibmc."""

import pylibmc
from plan import run


class Fleet:
    def __init__(self, servers, options):
        behaviors = dict(options["behaviors"])
        # As bytes: of text this release passes on whatever stands behind it in memory.
        if "namespace" in options:
            behaviors["namespace"] = options["namespace"].encode()
        self.client = pylibmc.Client(servers, behaviors=behaviors)
        self.compress = {"min_compress_len": options.get("compressFrom", 0)}

    def set(self, items):
        assert self.client.set_multi(items, **self.compress) == []

    def get(self, keys):
        found = self.client.get_multi(keys)
        return [found.get(key) for key in keys]

    def incr(self, key, delta):
        return self.client.incr(key, delta)

    def delete(self, key):
        return self.client.delete(key)


run(Fleet)
