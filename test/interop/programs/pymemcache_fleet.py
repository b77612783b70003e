"""A fleet as pymemcache's HashClient sees it."""

import zlib

from plan import run
from pymemcache import serde as serdes
from pymemcache.client.hash import HashClient


class OwnCompressedSerde(serdes.PickleSerde):
    """For releases before CompressedSerde: above 400 bytes zlib, where that is no longer, marked by flag 8."""

    def serialize(self, key, value):
        data, flags = super().serialize(key, value)
        plain = data.encode("ascii") if isinstance(data, str) else data
        packed = zlib.compress(plain) if len(plain) > 400 else plain
        smaller = len(packed) < len(plain)
        return (packed, flags | serdes.FLAG_COMPRESSED) if smaller else (data, flags)

    def deserialize(self, key, value, flags):
        if flags & serdes.FLAG_COMPRESSED:
            value, flags = zlib.decompress(value), flags & ~serdes.FLAG_COMPRESSED
        return super().deserialize(key, value, flags)


SERDES = {
    "pickle": serdes.PickleSerde,
    "compressed": getattr(serdes, "CompressedSerde", OwnCompressedSerde),
}


class Fleet:
    def __init__(self, servers, options):
        self.client = HashClient(
            servers,
            serde=SERDES[options["serde"]](),
            allow_unicode_keys=True,
            key_prefix=options.get("prefix", "").encode(),
            default_noreply=False,
        )

    def set(self, items):
        assert self.client.set_many(items) == []

    def get(self, keys):
        found = self.client.get_many(keys)
        return [found.get(key) for key in keys]

    def incr(self, key, delta):
        return self.client.incr(key, delta)

    def delete(self, key):
        return self.client.delete(key)


run(Fleet)
