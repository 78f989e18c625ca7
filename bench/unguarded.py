"""`python -m bench.unguarded FOLDER`: as `jobs.sql`, but tables are read as their files declare
them, so that a record that does not decode stops the job. To measure what the guard costs."""

import sys
from pathlib import Path
from unittest.mock import patch

from jobs.sql.room import Folder
from jobs.sql.runner import run_folder

with patch.object(Folder, "guard", lambda *_: None):
    run_folder(Path(sys.argv[1]))
