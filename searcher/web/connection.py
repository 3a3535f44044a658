"""
A connection that says nothing, or never comes to the point, is closed: it would keep its place for ever.

uvicorn waits without end for the first request, and for the rest of one whose headers come byte by byte.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEADERS_S = 20.0
"""How long a request's headers may take, and a connection between two requests may be idle."""


class Connection(H11Protocol):
    """One connection. Looked at every HEADERS_S: if none of its requests began or is being answered, it is closed."""

    _seen: RequestResponseCycle | None = None
    _next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        super().connection_made(transport)
        self._next_look = self.loop.call_later(HEADERS_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        if not answering and self.cycle is self._seen:
            self.transport.close()
            return
        self._seen = self.cycle
        self._next_look = self.loop.call_later(HEADERS_S, self._look)
