"""
How does a server stand up to many at once? wrk, with requests that all differ, and what it found as numbers.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

# wrk calls `request` for each request and `done` at the end; latencies are in microseconds.
LUA = """
local paths, at = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
request = function() at = at %% #paths + 1; return wrk.format("GET", paths[at]) end
done = function(summary, latency, _)
  io.write(string.format("FOUND %%d %%d %%d %%d %%d %%f %%f %%f %%f\\n", summary.requests, summary.duration,
    summary.errors.status, summary.errors.timeout,
    summary.errors.connect + summary.errors.read + summary.errors.write,
    latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max))
end
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What wrk found. `refused`: answers that were not 2xx or 3xx; `failed`: connections that broke or timed out."""

    requests: int
    seconds: float
    refused: int
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


def load(address: str, paths: Path, *, connections: int, seconds: int) -> Run:
    """Ask for these paths (one a line), in turn, over so many connections."""
    script = paths.with_suffix(".lua")
    script.write_text(LUA % paths)
    over = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script)]
    ran = subprocess.run(["wrk", *over, address], capture_output=True, text=True, check=True)
    line = next(line for line in ran.stdout.splitlines() if line.startswith("FOUND "))
    requests, duration_us, refused, late, broken, *latencies = line.split()[1:]
    p50, p95, p99, slowest = (float(one) / 1000 for one in latencies)
    return Run(
        int(requests), int(duration_us) / 1e6, int(refused), int(late) + int(broken), p50, p95, p99, slowest
    )
