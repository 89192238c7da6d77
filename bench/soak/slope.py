"""slope.py - how fast something grows, and how sure that is."""
import statistics

BLOCKS = 12  # of the fit: samples that follow each other are alike
STUDENT_T_95 = 2.228  # for 10 degrees of freedom


def slope(times, sizes, level_of=statistics.mean):
    """By least squares over the levels of blocks, and half of its 95% interval; None of too few."""
    each = len(times) // BLOCKS
    if each == 0:
        return None
    blocks = [slice(i * each, (i + 1) * each) for i in range(BLOCKS)]
    at = [statistics.mean(times[part]) for part in blocks]
    seen = [level_of(sizes[part]) for part in blocks]
    middle, level = sum(at) / BLOCKS, sum(seen) / BLOCKS
    spread = sum((x - middle) ** 2 for x in at)
    steep = sum((x - middle) * (y - level) for x, y in zip(at, seen)) / spread
    left = sum((y - level - steep * (x - middle)) ** 2 for x, y in zip(at, seen))
    return steep, STUDENT_T_95 * (left / (BLOCKS - 2) / spread) ** 0.5
