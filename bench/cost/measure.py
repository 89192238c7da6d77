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
import tempfile
import time

import programs
import servers

HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled"
CELLS = "build/bench/cost"
BASES = {"glibc": "", "jemalloc": "libjemalloc.so.2"}
PEERS = {**BASES, "mimalloc": "libmimalloc.so.2", "tcmalloc": "libtcmalloc_minimal.so.4"}
# Its blocks are of all sizes, and its threads do nothing else: it is shown beside every
# allocator, too.
BESIDE_PEERS = "blocks"
BESIDE_COLUMNS = ["processor seconds", "of these in the kernel", "page faults", "system calls"]
SERVER_COLUMNS = ["ratio", "seconds alone", "seconds under", "load"]
TIMED_FORMS = (".2f", ".2f", ",.0f")  # of all but the system calls


def environment(program, preload):
    return {**os.environ, **program.environment, "LC_ALL": "C", "LD_PRELOAD": preload}


def instructions(program, preload):
    """Callgrind's count, the same whatever else the machine does."""
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                          *program.counted()], env=environment(program, preload),
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return int(re.search(rb"Collected : (\d+)", run.stderr).group(1))


def run_once(program, preload):
    """Seconds elapsed, and what the kernel says that the program used."""
    command = program.timed()
    start = time.monotonic()
    child = subprocess.Popen(command, env=environment(program, preload),
                             stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    elapsed = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"measure: {program.name} failed")
    return elapsed, used


def seconds(program, preload):
    """Elapsed, and spent on a processor."""
    elapsed, used = run_once(program, preload)
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


def system_calls(program, preload):
    """Of a run that is not timed, which the counting slows."""
    with tempfile.NamedTemporaryFile("r") as counts:
        subprocess.run(["strace", "-f", "-c", "-qq", "-o", counts.name, "-E",
                        f"LD_PRELOAD={preload}", *program.timed()], check=True)
        return int(re.search(r"^100\.00 +\S+ +\d* +(\d+)", counts.read(), re.MULTILINE).group(1))


def measure_beside_peers(program, library, rounds):
    """One after the other, again and again."""
    use_huge_pages("madvise")
    allocators = {**PEERS, "connarena": library}
    found = {name: [] for name in allocators}
    for _ in range(rounds):
        for name, preload in allocators.items():
            _, used = run_once(program, preload)
            found[name].append((used.ru_utime + used.ru_stime, used.ru_stime, used.ru_minflt))
    for name, samples in found.items():
        for column, values, form in zip(BESIDE_COLUMNS, zip(*samples), TIMED_FORMS):
            keep(BESIDE_PEERS, name, column, f"{statistics.median(values):{form}} "
                 f"({min(values):{form}}-{max(values):{form}})")
        keep(BESIDE_PEERS, name, BESIDE_COLUMNS[-1],
             f"{system_calls(program, allocators[name]):,}")


def measure_server(name, library, pairs):
    """Over glibc, as squid and gunicorn are used."""
    found = []
    for pair in range(pairs):
        order = ["", library] if pair % 2 == 0 else [library, ""]
        times = {preload: servers.processor_seconds(servers.SERVERS[name], preload)
                 for preload in order}
        found.append((times[""], times[library], times[library] / times[""]))
    alone, under, ratio = zip(*found)
    for column, values in zip(SERVER_COLUMNS, (ratio, alone, under)):
        keep(name, "glibc", column, interval(values))
    keep(name, "glibc", SERVER_COLUMNS[-1], f"{os.getloadavg()[0]:.1f}")


def kept_cell(name, base, column, library):
    path = cell_file(name, base, column)
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(library):
        return ""
    with open(path) as file:
        return file.read()


def columns(modes):
    return ["instructions"] + [f"{kind}, `{mode}`" for mode in modes
                               for kind in ("elapsed", "processor")]


def markdown(names, figures, rows):
    lines = [[*names, *figures], *rows]
    text = ["| " + " | ".join(cells) + " |" for cells in lines]
    text.insert(1, "|" + ":--|" * len(names) + "--:|" * len(figures))
    return "\n".join(text) + "\n"


def table(library):
    figures = columns(["madvise", "always"])
    rows = [[program.does, base, *(kept_cell(name, base, each, library) for each in figures)]
            for name, program in programs.PROGRAMS.items() for base in BASES]
    return markdown(["program", "base"], figures, rows)


def table_beside_peers(library):
    rows = [[name, *(kept_cell(BESIDE_PEERS, name, each, library) for each in BESIDE_COLUMNS)]
            for name in [*PEERS, "connarena"]]
    return markdown(["allocator"], BESIDE_COLUMNS, rows)


def table_of_servers(library):
    rows = [[server.does, *(kept_cell(name, "glibc", each, library) for each in SERVER_COLUMNS)]
            for name, server in servers.SERVERS.items()]
    return markdown(["server"], SERVER_COLUMNS, rows)


def gaps(library):
    cells = [(name, base, column) for name in programs.PROGRAMS for base in BASES
             for column in columns(huge_page_modes())]
    cells += [(BESIDE_PEERS, name, column) for name in [*PEERS, "connarena"]
              for column in BESIDE_COLUMNS]
    cells += [(name, "glibc", column) for name in servers.SERVERS for column in SERVER_COLUMNS]
    return [f"{name} over {base}, {column}" for name, base, column in cells
            if not kept_cell(name, base, column, library)]


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

""" + table(library) + f"""
## Beside other allocators

{programs.PROGRAMS[BESIDE_PEERS].does}; each allocator by itself, connarena over glibc, in
turn; the median and the range, with transparent huge pages as `madvise`. The system calls
are those of one more run, under strace.

""" + table_beside_peers(library) + """
## Servers with connections

Processor seconds of a server and its children from start to end under the preload
library, over glibc, by those without it, in turn; the median and the range. Their clients
run without it. The load is the machine's, which has two cores, at the end.

""" + table_of_servers(library))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--programs", default=",".join([*programs.PROGRAMS, *servers.SERVERS]))
    parser.add_argument("--only", choices=["count", "time"])
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    library = os.path.abspath(options.library)
    os.makedirs(CELLS, exist_ok=True)
    for name in options.programs.split(","):
        if name in servers.SERVERS:
            if options.only != "count":
                measure_server(name, library, options.pairs)
            continue
        program = programs.PROGRAMS[name]
        for base in BASES:
            if options.only != "time":
                count(name, program, base, library)
            if options.only != "count":
                measure_times(name, program, base, library, options.pairs)
        if name == BESIDE_PEERS and options.only != "count":
            measure_beside_peers(program, library, options.pairs)
    print(table(library))
    print(table_beside_peers(library))
    print(table_of_servers(library))
    if options.save:
        save(library)


main()
