"""A fleet as OpenStack Swift's MemcacheRing sees it."""

from plan import run
from swift.common.memcached import MemcacheRing


class Fleet:
    def __init__(self, servers, options):
        self.client = MemcacheRing(servers)
        self.server_key = options.get("serverKey")

    def set(self, items):
        if self.server_key is not None:
            self.client.set_multi(items, self.server_key)
            return
        for key, value in items.items():
            plain = isinstance(value, bytes)
            self.client.set(key, value, serialize=not plain, raise_on_error=True)

    def get(self, keys):
        if self.server_key is not None:
            return self.client.get_multi(keys, self.server_key)
        return [self.client.get(key, raise_on_error=True) for key in keys]

    def incr(self, key, delta):
        return self.client.incr(key, delta)

    def delete(self, key):
        """It does not tell whether there was anything."""
        self.client.delete(key, server_key=self.server_key)
        return True


run(Fleet)
