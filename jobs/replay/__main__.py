"""`python -m jobs.replay PLAN`: what `shopstream replay` submits."""

import sys
from pathlib import Path

from connectors.settings import settings
from jobs.replay.job import run
from jobs.replay.plan import Plan

run(Plan.read(Path(sys.argv[1])), settings())
