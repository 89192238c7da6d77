"""cpython.py MODULE [OPTION...] - runs a module of CPython's own tests and prints how each ended.

Python's own allocator is off, so that each object is a block of malloc's.
"""
import os
import platform
import subprocess
import sys
import xml.etree.ElementTree as xml

os.environ["PYTHONMALLOC"] = "malloc"
run = subprocess.run([sys.executable, "-m", "test", "--junit-xml", "results.xml", *sys.argv[1:]],
                     stdout=sys.stderr)
print("CPython", platform.python_version())
print("python3 -m test", *sys.argv[1:], "- exit code", run.returncode)
cases = list(xml.parse("results.xml").iter("testcase"))
for case in cases:
    endings = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
    print(case.get("name"), *endings)
sys.exit(0 if cases else "no test ran")
