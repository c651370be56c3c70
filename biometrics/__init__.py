"""A library of faces: bytes in, frozen results out. It knows no person, table or request.

One thread for linear algebra, set before NumPy and OpenCV are loaded, as OpenBLAS reads it once.
Cores are shared out by process (one case at a time in a worker), and no product here is so large
that sharing it pays: more threads would wait, take memory, and be in the way of other workers.
Whoever sets the variable decides. OpenCV's own threads are set where the networks are made
(`reading.Nets`), the decoder's in its environment (`sandbox.decoder`).
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
