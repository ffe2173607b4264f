# A benchmark: the task with so many tasks of Spark at once, several times each.
import datetime
import itertools
import math
import platform
import time


def processes(spark):
    """Seconds of user and system time, and bytes at most, of the driver's processes; null where /proc does not say."""
    try:
        import os
        mine = {os.getpid(), spark._jvm.java.lang.ProcessHandle.current().pid()}
        parent, user, system, size = {}, 0.0, 0.0, 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
                    fields = f.read().rpartition(")")[2].split()
                parent[int(pid)] = int(fields[1]), fields
            except OSError:
                continue
        for pid, (above, fields) in parent.items():
            line = [pid, above]
            while line[-1] in parent and line[-1] not in mine:
                line.append(parent[line[-1]][0])
            if mine & set(line):
                user, system = user + int(fields[11]) / 100, system + int(fields[12]) / 100
                with open(f"/proc/{pid}/status", encoding="utf-8") as f:
                    size += next((int(s.split()[1]) * 1024 for s in f if s.startswith("VmHWM")), 0)
        return user, system, size
    except Exception:  # pylint: disable=broad-except; a figure about the run must not end it
        return 0.0, 0.0, 1


def median_of(values):
    values = sorted(values)
    n = len(values)
    return values[n // 2] if n % 2 else (values[n // 2 - 1] + values[n // 2]) / 2


def bootstrap(seed, stream, times, base=None):
    """95 % percentile intervals of the median, or of the quotient of two medians; sdp-bench's, with its random numbers."""
    if len(times) < 2 and (base is None or len(base) < 2):
        return None, None
    draw, figures = itertools.count(), []

    def resample(values):
        return median_of([values[int(random_bits(seed, stream, next(draw))) * len(values) >> 64] for _ in values])
    for _ in range(2000):
        figure = resample(times)
        figures.append(resample(base) / figure if base is not None else figure)
    figures.sort()

    def quantile(p):
        h = (len(figures) - 1) * p
        i = int(h)
        return figures[i] + (h - i) * (figures[min(i + 1, len(figures) - 1)] - figures[i])
    return quantile(0.025), quantile(0.975)


def line_of(path, begin):
    """What stands behind the first line of a file that begins so; None."""
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return next((line[len(begin):].strip(' "\t:=\n') for line in f if line.startswith(begin)), None)
    except OSError:
        return None


def environment(spark):
    """Of the driver."""
    memory = line_of("/proc/meminfo", "MemTotal")
    return {"started_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "sdp": VERSION,
            "system": line_of("/etc/os-release", "PRETTY_NAME"), "kernel": f"{platform.system()} {platform.release()}".strip() or None,
            "machine": platform.machine() or None, "cpu": line_of("/proc/cpuinfo", "model name") or None,
            "memory": int(memory.split()[0]) * 1024 if memory else 1, "spark": spark.version}


def benchmark(spark, o):
    where = environment(spark)
    size, times, usage, same, rows, first = sum(file_size(spark, f) for f in o.files), {}, {}, {}, None, None
    for workers in sorted(set(o.worker_counts)):
        o.partitions = workers
        spark.conf.set("spark.sql.shuffle.partitions", str(workers))
        for number in range(o.runs + 1):  # the first, while Java compiles, is not counted
            if number == 1:
                before = processes(spark)
            spark.catalog.clearCache()
            for rdd in spark.sparkContext._jsc.getPersistentRDDs().values():
                rdd.unpersist()
            start = time.perf_counter()
            doc = plain(RUN[o.task](spark, o))
            if number:
                times.setdefault(workers, []).append(time.perf_counter() - start)
            first = first or doc
            same[workers] = same.get(workers, True) and alike(first, doc)
        after = processes(spark)
        usage[workers] = (after[0] - before[0]) / o.runs, (after[1] - before[1]) / o.runs, max(after[2], 1)
        rows = doc.get("rows", doc.get("baskets"))
    least, results = min(times), []
    for stream, workers in enumerate(times):
        t = times[workers]
        m, n = median_of(t), len(t)
        speedup = median_of(times[least]) / m
        ratio = workers / least
        mean = sum(t) / n
        low, high = bootstrap(1, 2 * stream, t) if n > 1 else (None, None)
        faster = (None, None) if n == 1 else (1, 1) if workers == least else bootstrap(1, 2 * stream + 1, t, times[least])
        results.append({"name": o.task, "workers": workers, "runs": n, "median": m, "mean": mean,
                        "stddev": math.sqrt(sum((v - mean) ** 2 for v in t) / (n - 1)) if n > 1 else None, "min": min(t),
                        "ci_low": low, "ci_high": high, "user": max(usage[workers][0], 0), "sys": max(usage[workers][1], 0), "peak_rss": usage[workers][2],
                        "bytes_per_second": size / m, "rows_per_second": rows / m, "speedup": speedup, "speedup_ci_low": faster[0],
                        "speedup_ci_high": faster[1], "efficiency": speedup / ratio,
                        "karp_flatt": (1 / speedup - 1 / ratio) / (1 - 1 / ratio) if ratio > 1 else None, "identical": same[workers],
                        "note": "user, sys and peak_rss are the driver's; times include reading"})
    command = "spark_ml_jobs --task " + o.task + " --worker-counts {} " + " ".join(o.files)
    return {"task": "benchmark", "results": results, "command": command, "commands": [{"name": o.task, "command": command}],
            "input": {"path": o.files[0] if len(o.files) == 1 else None, "bytes": size, "rows": rows},
            "cores": spark.sparkContext.defaultParallelism, "fits": [], "skipped": [], "parameters": {},
            "times": [{"name": o.task, "workers": n, "run": i + 1, "seconds": t} for n in times for i, t in enumerate(times[n])],
            "method": {"runs": o.runs, "warmup": 1, "seed": 1}, "environment": where}


def alike(a, b):
    """The same document, but for the last digits that the order of sums leaves open?"""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b
