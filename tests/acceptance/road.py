"""The road to a provider, as it is on a bad day: it may break before a request gets through, or before its answer."""

from __future__ import annotations

import asyncio
import threading
from urllib.parse import urlsplit

_PIECE = 65536


class Road:
    """A proxy on 127.0.0.1 that passes bytes on until `breaks` says how it fails.

    `before`: the connection closes before the provider hears anything; `after`: the provider takes the request and its
    answer is lost; `silent`: the same, and the connection stays open without a word.
    """

    def __init__(self, address: str) -> None:
        there = urlsplit(address)
        self._there = (there.hostname, there.port)
        self._loop = asyncio.new_event_loop()
        self._taken: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        self.breaks: str | None = None
        self.times = 0
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{there.path}"

    def close(self) -> None:
        """End it, with every connection on it."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def fails(self, how: str, times: int = 1) -> None:
        """Break the next requests in this way."""
        self.breaks, self.times = how, times

    async def _open(self) -> asyncio.Server:
        return await asyncio.start_server(self._take, "127.0.0.1", 0)

    async def _end(self) -> None:
        self._server.close()
        await asyncio.sleep(0.1)  # what was accepted a moment ago has its task now
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Kept here: the loop alone holds a task too weakly, and one that only waits is collected.
        task = self._loop.create_task(self._pass_on(reader, writer))
        self._taken.add(task)
        task.add_done_callback(self._taken.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection(*self._there)
        try:
            while request := await reader.read(_PIECE):
                how = self.breaks if self.times else None
                self.times -= bool(how)
                if how == "before":
                    return
                ours.write(request)
                while more := await self._rest(reader):
                    ours.write(more)
                answer = await theirs.read(_PIECE)
                if how == "after":
                    return
                if how == "silent":
                    await asyncio.sleep(60)
                writer.write(answer)
                while more := await self._rest(theirs):
                    writer.write(more)
        finally:
            for end in (ours, writer):
                end.close()

    @staticmethod
    async def _rest(reader: asyncio.StreamReader) -> bytes:
        """Return what follows at once, such as a body after its headers."""
        try:
            return await asyncio.wait_for(reader.read(_PIECE), 0.05)
        except asyncio.TimeoutError:
            return b""
