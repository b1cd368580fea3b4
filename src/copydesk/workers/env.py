"""Imported first by every worker process: one thread each, since there is already one process per core, and no words.

What a worker has to say goes back to its parent. What is left is the traceback of one that was just beginning when its
parent was told to stop (multiprocessing prints it): it would stand behind the parent's one line.
"""

import os
import sys

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[_name] = "1"

if sys.argv[:1] == ["-c"] and "multiprocessing.forkserver" in sys.modules:
    _nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(_nowhere, 2)
    os.close(_nowhere)
