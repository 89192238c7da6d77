"""work.py ROUNDS - objects of many sizes, and nothing from outside."""
import json
import sys


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def work():
    fibonacci(20)
    table = {str(i): [i, i * 0.5, {"k": "v" * (i % 40)}] for i in range(40000)}
    text = json.dumps(table)
    numbers = sorted((hash(key) * 7919) % 100003 for key in json.loads(text))
    letters = "".join(chr(97 + number % 26) for number in numbers)
    counts = {}
    for i in range(len(letters) - 3):
        counts[letters[i:i + 3]] = counts.get(letters[i:i + 3], 0) + 1
    return len(text) + len(counts)


print(sum(work() for _ in range(int(sys.argv[1]))))
