"""programs.py - the programs whose cost is measured, and what they work on.

Each is there twice: as it is timed, and with less to do as its instructions are
counted. Inputs are made once, in the folder that tempfile uses.
"""
import os
import random
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
INPUTS = tempfile.gettempdir()
PYTHON = "/usr/bin/python3"
# A just-in-time compiler in threads of its own does another amount of work each time.
NODE_COUNTED = ["--predictable", "--single-threaded", "--no-opt", "--random-seed=1",
                "--hash-seed=1"]


def write_c(functions):
    path = os.path.join(INPUTS, f"functions{functions}.c")
    if os.path.exists(path):
        return path
    with open(path, "w") as file:
        for i in range(functions):
            file.write(f"""
struct s{i} {{ int a, b; double c[{i % 13 + 1}]; struct s{i} *next; }};
int f{i}(struct s{i} *p, int n) {{
  int t = 0;
  for (int i = 0; i < n; ++i) {{
    if (p->a > i) t += p->b * {i}; else t -= i ^ {i * 7 + 1};
    p->c[i % {i % 13 + 1}] = t * 0.5 + {i};
    switch (t & 7) {{ case 0: t += {i * 3}; break; case 3: t ^= p->a; break; default: --t; }}
    if (p->next) p = p->next;
  }}
  return t;
}}
""")
    return path


def write_lines(mebibytes):
    path = os.path.join(INPUTS, f"lines{mebibytes}")
    if os.path.exists(path):
        return path
    source = random.Random(17)
    with open(path, "wb") as file:
        for _ in range(mebibytes):
            file.write(b"".join(b"%015x %047x\n" % (source.getrandbits(60), source.getrandbits(188))
                                for _ in range(1 << 14)))
    return path


def blocks(threads, replacements):
    source, program = os.path.join(HERE, "blocks.c"), os.path.join(INPUTS, "blocks")
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        subprocess.run(["gcc", "-O2", "-pthread", source, "-o", program, "-lm"], check=True)
    return [program, str(threads), str(replacements)]


def compiler():
    found = subprocess.run(["gcc", "-print-prog-name=cc1"], stdout=subprocess.PIPE, check=True)
    return found.stdout.decode().strip()


class Program:
    def __init__(self, does, timed, counted, environment=None):
        self.does, self.timed, self.counted = does, timed, counted
        self.environment = environment or {}


def gcc(functions):
    return [compiler(), "-quiet", "-O2", write_c(functions), "-o", "/dev/null"]


def python(rounds):
    return [PYTHON, os.path.join(HERE, "work.py"), str(rounds)]


def sort(mebibytes, threads, memory):
    return ["sort", f"--parallel={threads}", "-S", memory, "-o", "/dev/null",
            write_lines(mebibytes)]


def node(rounds, *options):
    return ["node", *options, os.path.join(HERE, "work.js"), str(rounds)]


PROGRAMS = {
    "gcc": Program("gcc -O2, a C file of 1,000 functions", lambda: gcc(1000), lambda: gcc(30)),
    "python": Program("python3, a script of lists, dicts and strings",
                      lambda: python(20), lambda: python(1), {"PYTHONHASHSEED": "0"}),
    "python-malloc": Program("the same with `PYTHONMALLOC=malloc`",
                             lambda: python(20), lambda: python(1),
                             {"PYTHONHASHSEED": "0", "PYTHONMALLOC": "malloc"}),
    "sort": Program("sort, 1 GiB of lines", lambda: sort(1024, 2, "3G"), lambda: sort(16, 1, "64M")),
    "node": Program("node, a script of maps, strings and buffers",
                    lambda: node(10), lambda: node(1, *NODE_COUNTED)),
    # Counted with one thread: how several take turns is different each time.
    "blocks": Program("4 threads, blocks of 16 B to 256 KiB at random",
                      lambda: blocks(4, 4000000), lambda: blocks(1, 20000)),
}
