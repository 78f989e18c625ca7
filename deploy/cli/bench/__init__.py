"""`bench`: figures, each with its peer in the same run, on a stack of the benchmark's own."""

from deploy.cli.bench import edges, jobs
from deploy.cli.bench.reports import app

__all__ = ["app", "edges", "jobs"]
