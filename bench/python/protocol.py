"""Answers each line of JSON on standard input with how long the work took, as bench/contestant.ts asks."""

import json
import sys
import time


def answer(work):
    """Calls work(task) once for each task; what it does before the first is not measured."""
    for line in sys.stdin:
        task = json.loads(line)
        cpu, start = time.process_time(), time.perf_counter()
        work(task)
        print(json.dumps({"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}), flush=True)
