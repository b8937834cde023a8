"""python -m tests.bench.readers PORT PATH CONNECTIONS SECONDS [RATE]: people who load a page again and again, in a process of their own.

Prints how many answers came a second, and how many were none. Without a rate each asks again as soon as it has its answer.
"""

import asyncio
import sys
import time

ASKED = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nAccept-Language: en\r\n\r\n"


async def read(port: int, path: str, until: float, every: float, came: list[int]) -> None:
    """One connection: asks, reads the whole answer, asks again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked, due = ASKED.format(path=path).encode(), time.monotonic()
    while time.monotonic() < until:
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        came[0 if head.startswith(b"HTTP/1.1 200") else 1] += 1
        due += every
        if every:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
    writer.close()


async def main(port: int, path: str, connections: int, seconds: float, rate: float = 0.0) -> None:
    came, began = [0, 0], time.monotonic()
    every = connections / rate if rate else 0.0
    await asyncio.gather(*(read(port, path, began + seconds, every, came) for _ in range(connections)))
    sys.stdout.write(f"{came[0] / (time.monotonic() - began)} {came[1]}\n")


if __name__ == "__main__":
    _, port, path, connections, *rest = sys.argv
    asyncio.run(main(int(port), path, int(connections), *map(float, rest)))
