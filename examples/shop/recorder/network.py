"""The network between the services: one port for each caller and callee, with rules that disturb.

A connection that a rule meets is delayed (half on the way there, half on the way back), reset, or
left hanging until the caller gives up.
"""

import asyncio
import dataclasses
import random

CHUNK_BYTES = 65_536


@dataclasses.dataclass
class Rule:
    """What happens to the connections of some callers to some callees."""

    callers: tuple = ()
    callees: tuple = ()
    share: float = 1.0
    delay_ms: float = 0.0
    reset_share: float = 0.0
    hang_share: float = 0.0
    instance: int | None = None

    def meets(self, caller, callee, index):
        """Whether it is about this connection."""
        return ((not self.callers or caller in self.callers)
                and (not self.callees or callee in self.callees)
                and (self.instance is None or self.instance == index))


class Network:
    """All ports."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rules = []
        self.backends = {}
        self.turn = {}
        self.servers = []

    async def open(self, caller, callee):
        """Opens a port on which the caller reaches the callee; returns it."""
        async def taken(reader, writer):
            try:
                await self._carry(caller, callee, reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(taken, "127.0.0.1", 0)
        self.servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def _carry(self, caller, callee, reader, writer):
        ports = self.backends[callee]
        index = self.turn[callee] = (self.turn.get(callee, -1) + 1) % len(ports)
        delay_ms = 0.0
        for rule in self.rules:
            if not rule.meets(caller, callee, index) or self.random.random() >= rule.share:
                continue
            delay_ms += rule.delay_ms * self.random.uniform(0.7, 1.3)
            drawn = self.random.random()
            if drawn < rule.reset_share:
                await asyncio.sleep(0.004)
                writer.transport.abort()
                return
            if drawn < rule.reset_share + rule.hang_share:
                await reader.read(CHUNK_BYTES)
                await reader.read(CHUNK_BYTES)
                return
        try:
            there, away = await asyncio.open_connection("127.0.0.1", ports[index])
        except OSError:
            writer.transport.abort()
            return
        try:
            await asyncio.gather(
                self._pipe(reader, away, delay_ms / 2), self._pipe(there, writer, delay_ms / 2))
        finally:
            away.close()

    @staticmethod
    async def _pipe(reader, writer, delay_ms):
        first = True
        while data := await reader.read(CHUNK_BYTES):
            if first and delay_ms:
                await asyncio.sleep(delay_ms / 1000)
            first = False
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    def close(self):
        """Closes all ports."""
        for server in self.servers:
            server.close()
