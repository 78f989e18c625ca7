"""`python -m jobs.sql FOLDER`: what `shopstream sql run` submits."""

import sys
from pathlib import Path

from jobs.sql.runner import run_folder

run_folder(Path(sys.argv[1]))
