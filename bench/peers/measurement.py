"""The line that every measured program prints last; see harness/measurement.ts."""
import json
import resource
import sys
import time


class Measurement:
    def __init__(self):
        self._cpu = self._cpu_seconds()
        self._start = time.perf_counter()

    @staticmethod
    def _cpu_seconds():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def end(self, groups, total):
        seconds = time.perf_counter() - self._start
        print(
            json.dumps(
                {
                    "seconds": seconds,
                    "answer": [int(groups), int(total)],
                    "cpuSeconds": self._cpu_seconds() - self._cpu,
                    "maxRssBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                }
            )
        )
        sys.stdout.flush()
