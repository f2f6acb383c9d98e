"""A provider that takes a hundred messages a call and reports on them in calls of its own, and the gateway to it.

`python -m bench.provider PORT REPORTS_PER_CALL` serves on 127.0.0.1: it answers every message with an id, and tells of
its delivery as fast as the other side takes it, one call at a time.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from integrations import http
from integrations.gateways.base import (
    Accepted,
    Capabilities,
    DeliveryReport,
    Gateway,
    IncomingMessage,
    Outgoing,
    ReportStatus,
    SendResult,
    StopHandling,
    WebhookCall,
)

MOST_AT_ONCE = 100


class BatchGateway(Gateway):
    """One call for a hundred messages. It reaches nobody, so it may send like a simulator."""

    slug = "bench"
    label = "Bench"
    capabilities = Capabilities(max_batch=MOST_AT_ONCE, stop=StopHandling.OURS, is_simulator=True)

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        told = [{"reference": each.reference, "to": each.to, "text": each.text} for each in batch]
        body = {"messages": told, "report_to": self.address_of("events")}
        try:
            answer = http.request("POST", self.credentials["url"], json=body)
        except http.CallFailed as error:
            return [error.outcome] * len(batch)
        return [Accepted((str(id_),)) for id_ in answer.json()]

    def verify(self, kind: str, call: WebhookCall) -> bool:
        return True

    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        return call.digest

    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        return [
            DeliveryReport(ReportStatus.DELIVERED, datetime.fromisoformat(each["at"]), each["id"])
            for each in json.loads(call.body)
        ]


class Provider:
    def __init__(self, reports_per_call: int) -> None:
        self.size, self.count = reports_per_call, 0
        self.untold: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self.answer, "127.0.0.1", port)
        async with server:
            await asyncio.gather(server.serve_forever(), self.report())

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As much of HTTP as our own client speaks."""
        while head := await self._head(reader):
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            body = json.dumps(self.take(json.loads(await reader.readexactly(int(length[15:]))))).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body))
            writer.write(body)
            await writer.drain()
        writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""

    def take(self, order: dict[str, Any]) -> list[str]:
        first, self.count = self.count, self.count + len(order["messages"])
        ids = [f"bench-{number}" for number in range(first, self.count)]
        for each in ids:
            self.untold.put_nowait((order["report_to"], each))
        return ids

    async def report(self) -> None:
        """A call is full, or nothing more has come for a moment."""
        async with httpx.AsyncClient(timeout=60) as client:
            while True:
                address, first = await self.untold.get()
                ids = [first]
                try:
                    while len(ids) < self.size:
                        ids.append((await asyncio.wait_for(self.untold.get(), 0.5))[1])
                except TimeoutError:
                    pass
                at = datetime.now(UTC).isoformat()
                await self.tell(client, address, [{"id": each, "at": at} for each in ids])

    async def tell(self, client: httpx.AsyncClient, address: str, reports: list[dict[str, str]]) -> None:
        """Until it is taken, as providers do."""
        while True:
            try:
                (await client.post(address, json=reports)).raise_for_status()
                return
            except httpx.HTTPError:
                await asyncio.sleep(0.5)


if __name__ == "__main__":
    asyncio.run(Provider(int(sys.argv[2])).serve(int(sys.argv[1])))
