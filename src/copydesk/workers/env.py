"""Imported first by every worker: one native thread; stderr silenced.

Results and errors go to the parent over the pipe. All that stderr could get is multiprocessing's traceback of a worker
that was still starting when its parent stopped, printed after the parent's own message.
"""

import os
import sys


def use_one_thread() -> None:
    """Tell native libraries, which read it when they are imported, that this process has one core."""
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1"))


use_one_thread()

if sys.argv[:1] == ["-c"] and "multiprocessing.forkserver" in sys.modules:
    _nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(_nowhere, 2)
    os.close(_nowhere)
