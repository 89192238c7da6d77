"""measure.py LIBRARY [--pairs N] [--programs NAMES] [--only KIND] [--save] - see `run`.

What was measured is kept in build/bench/cost, a file for each cell of the table, so
that a table can be filled in several runs. A figure of an earlier library is none, and
only a table without gaps is saved.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import time

import programs

HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled"
CELLS = "build/bench/cost"
BASES = {"glibc": "", "jemalloc": "libjemalloc.so.2"}


def environment(program, preload):
    return {**os.environ, **program.environment, "LC_ALL": "C", "LD_PRELOAD": preload}


def instructions(program, preload):
    """Callgrind's count, the same whatever else the machine does."""
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                          *program.counted()], env=environment(program, preload),
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return int(re.search(rb"Collected : (\d+)", run.stderr).group(1))


def seconds(program, preload):
    """Elapsed, and spent on a processor."""
    start = time.monotonic()
    child = subprocess.Popen(program.timed(), env=environment(program, preload),
                             stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    elapsed = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"measure: {program.name} failed")
    return elapsed, used.ru_utime + used.ru_stime


def ratios(program, base, library, pairs):
    """Of elapsed and of processor time, a pair after the other."""
    under = f"{library}:{base}".rstrip(":")
    found = []
    for pair in range(pairs):
        order = [base, under] if pair % 2 == 0 else [under, base]
        times = {preload: seconds(program, preload) for preload in order}
        found.append([times[under][i] / times[base][i] for i in range(2)])
    return list(zip(*found))


def interval(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def huge_page_modes():
    if not os.access(HUGE_PAGES, os.W_OK):
        return [re.search(r"\[(.*)\]", open(HUGE_PAGES).read()).group(1)]
    return ["madvise", "always"]


def use_huge_pages(mode):
    if os.access(HUGE_PAGES, os.W_OK):
        with open(HUGE_PAGES, "w") as file:
            file.write(mode)


def cell_file(name, base, column):
    return os.path.join(CELLS, f"{name} {base} {column}")


def keep(name, base, column, text):
    with open(cell_file(name, base, column), "w") as file:
        file.write(text)
    print(f"{name} over {base}, {column}: {text}", flush=True)


def count(name, program, base, library):
    preload = BASES[base]
    bare, under = (instructions(program, p) for p in (preload, f"{library}:{preload}".rstrip(":")))
    keep(name, base, "instructions", f"{under / bare:.4f}")


def measure_times(name, program, base, library, pairs):
    for mode in huge_page_modes():
        use_huge_pages(mode)
        elapsed, processor = ratios(program, BASES[base], library, pairs)
        keep(name, base, f"elapsed, `{mode}`", interval(elapsed))
        keep(name, base, f"processor, `{mode}`", interval(processor))


def kept_cell(name, base, column, library):
    path = cell_file(name, base, column)
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(library):
        return ""
    with open(path) as file:
        return file.read()


def columns(modes):
    return ["instructions"] + [f"{kind}, `{mode}`" for mode in modes
                               for kind in ("elapsed", "processor")]


def table(library):
    headings = columns(["madvise", "always"])
    rows = ["| program | base | " + " | ".join(headings) + " |",
            "|:--|:--|" + "--:|" * len(headings)]
    for name, program in programs.PROGRAMS.items():
        for base in BASES:
            cells = [kept_cell(name, base, column, library) for column in headings]
            rows.append(f"| {program.does} | {base} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def gaps(library):
    return [f"{name} over {base}, {column}" for name in programs.PROGRAMS for base in BASES
            for column in columns(huge_page_modes()) if not kept_cell(name, base, column, library)]


def save(library):
    if missing := gaps(library):
        sys.exit("measure: not saved, no figure yet for\n  " + "\n  ".join(missing))
    with open("docs/cost.md", "w") as file:
        file.write("""# What programs without a connection pay

The preload library over a base allocator, by that allocator alone; 1.02 is 2% more.
Written by `./bench/cost/run --save`. Instructions are callgrind's, of the program
with less to do. Times are of interleaved pairs, the median and in parentheses the
range, with transparent huge pages as the column says. What has no figure has not been
measured.

""" + table(library))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--programs", default=",".join(programs.PROGRAMS))
    parser.add_argument("--only", choices=["count", "time"])
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    library = os.path.abspath(options.library)
    os.makedirs(CELLS, exist_ok=True)
    for name in options.programs.split(","):
        program = programs.PROGRAMS[name]
        for base in BASES:
            if options.only != "time":
                count(name, program, base, library)
            if options.only != "count":
                measure_times(name, program, base, library, options.pairs)
    print(table(library))
    if options.save:
        save(library)


main()
