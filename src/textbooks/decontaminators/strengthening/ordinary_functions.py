"""Functions that anyone might write where a problem asks for something else: builtins and the standard library.

Each is a name and an expression that is evaluated in the confined process. Functions that can take all memory or never
end are bounded in the expression.
"""

from __future__ import annotations

__all__ = ["COMPOSED", "HELPERS", "LIBRARY", "library_for"]

HELPERS = """
import bisect, cmath, collections, functools, heapq, itertools, keyword, math
import operator, re, statistics, string, textwrap

def small(function, limit=300):
    def bounded(*numbers):
        if any(isinstance(n, int) and abs(n) > limit for n in numbers):
            raise ValueError(numbers)
        return function(*numbers)
    return bounded

def short(function):
    def bounded(*values):
        count = max([abs(v) for v in values if isinstance(v, int)], default=0)
        if count > 1000:
            raise ValueError(values)
        return function(*values)
    return bounded

def listed(function):
    def read(*values):
        return list(itertools.islice(function(*values), 5000))
    return read

def tupled(function):
    def read(*values):
        return tuple(itertools.islice(function(*values), 5000))
    return read
"""

_ONE = (
    "len sum max min sorted set list tuple dict frozenset abs bool int float str repr any all round bin oct "
    "hex chr ord hash callable ascii math.ceil math.floor math.trunc math.sqrt math.isqrt math.cbrt math.exp "
    "math.log math.log2 math.log10 math.sin math.cos math.tan math.radians math.degrees math.fabs math.prod "
    "math.fsum math.modf math.frexp math.isnan math.gamma statistics.mean statistics.fmean statistics.median "
    "statistics.median_low statistics.median_high statistics.mode statistics.multimode statistics.stdev "
    "statistics.pstdev statistics.variance statistics.pvariance statistics.geometric_mean "
    "statistics.harmonic_mean operator.neg operator.not_ operator.inv operator.truth collections.Counter "
    "str.capitalize str.casefold str.lower str.upper str.swapcase str.title str.strip str.lstrip str.rstrip "
    "str.split str.splitlines str.isalnum str.isalpha str.isascii str.isdecimal str.isdigit str.isidentifier "
    "str.islower str.isnumeric str.isprintable str.isspace str.istitle str.isupper keyword.iskeyword re.escape "
    "int.bit_length int.bit_count float.is_integer dict.copy list.copy string.capwords textwrap.dedent"
).split()
_ONE_EXPRESSIONS = {
    "reversed": "lambda a: a[::-1]",
    "enumerate": "listed(enumerate)",
    "range": "short(listed(range))",
    "range(1, n + 1)": "short(lambda n: list(range(1, n + 1)))",
    "zip": "lambda a: list(zip(*a))",
    "str.join": "lambda a: ''.join(a)",
    "' '.join": "lambda a: ' '.join(a)",
    "dict.keys": "lambda a: list(a.keys())",
    "dict.values": "lambda a: list(a.values())",
    "dict.items": "lambda a: list(a.items())",
    "math.factorial": "small(math.factorial)",
    "itertools.accumulate": "listed(itertools.accumulate)",
    "itertools.accumulate(max)": "lambda a: list(itertools.accumulate(a, max))",
    "itertools.chain.from_iterable": "listed(itertools.chain.from_iterable)",
    "itertools.pairwise": "listed(itertools.pairwise)",
    "itertools.permutations": "listed(itertools.permutations)",
    "map(len)": "lambda a: list(map(len, a))",
    "map(int)": "lambda a: list(map(int, a))",
    "map(str)": "lambda a: list(map(str, a))",
    "map(sum)": "lambda a: list(map(sum, a))",
    "map(sorted)": "lambda a: list(map(sorted, a))",
    "filter(None)": "lambda a: list(filter(None, a))",
    "collections.Counter.most_common": "lambda a: collections.Counter(a).most_common()",
    "max(key=len)": "lambda a: max(a, key=len)",
    "min(key=len)": "lambda a: min(a, key=len)",
    "sorted(reverse=True)": "lambda a: sorted(a, reverse=True)",
    "sorted(key=len)": "lambda a: sorted(a, key=len)",
    "cmath.polar": "lambda a: cmath.polar(complex(a))",
    "cmath.phase": "lambda a: cmath.phase(a)",
    "operator.itemgetter(0)": "lambda a: a[0]",
    "operator.itemgetter(-1)": "lambda a: a[-1]",
}
_TWO = (
    "max min divmod round math.gcd math.lcm math.hypot math.atan2 math.copysign math.fmod math.log math.dist "
    "operator.add operator.sub operator.truediv operator.floordiv operator.mod operator.and_ operator.or_ "
    "operator.xor operator.eq operator.ne operator.lt operator.le operator.gt operator.ge operator.contains "
    "operator.countOf operator.indexOf operator.getitem operator.is_ str.count str.find str.rfind str.index "
    "str.startswith str.endswith str.split str.rsplit str.strip str.lstrip str.rstrip str.join str.partition "
    "str.removeprefix str.removesuffix list.count list.index tuple.count tuple.index set.union "
    "set.intersection set.difference set.symmetric_difference set.issubset set.issuperset set.isdisjoint "
    "bisect.bisect_left bisect.bisect_right int isinstance re.findall re.split dict.get statistics.correlation"
).split()
_TWO_EXPRESSIONS = {
    "operator.mul": "short(operator.mul)",
    "pow": "small(pow)",
    "math.pow": "math.pow",
    "math.comb": "small(math.comb)",
    "math.perm": "small(math.perm)",
    "range": "short(listed(range))",
    "zip": "listed(zip)",
    "re.search": "lambda a, b: bool(re.search(a, b))",
    "re.match": "lambda a, b: bool(re.match(a, b))",
    "map(operator.add)": "lambda a, b: list(map(operator.add, a, b))",
    "map(operator.sub)": "lambda a, b: list(map(operator.sub, a, b))",
    "map(operator.mul)": "lambda a, b: list(map(operator.mul, a, b))",
    "heapq.nlargest": "lambda a, b: heapq.nlargest(b, a)",
    "heapq.nsmallest": "lambda a, b: heapq.nsmallest(b, a)",
    "heapq.merge": "listed(heapq.merge)",
    "itertools.combinations": "lambda a, b: list(itertools.islice(itertools.combinations(a, b), 5000))",
    "itertools.product": "listed(itertools.product)",
    "str.ljust": "short(str.ljust)",
    "str.rjust": "short(str.rjust)",
    "str.zfill": "short(str.zfill)",
    "list.append": "lambda a, b: a + [b]",
    "format": "lambda a, b: format(a, b)",
}
_THREE = {
    "max": "max",
    "min": "min",
    "sum": "lambda a, b, c: a + b + c",
    "pow": "small(pow, 10000)",
    "range": "short(listed(range))",
    "str.replace": "lambda a, b, c: a.replace(b, c)",
    "str.center": "short(str.center)",
    "math.gcd": "math.gcd",
    "math.lcm": "math.lcm",
    "slice": "lambda a, b, c: a[b:c]",
    "sorted": "lambda *a: sorted(a)",
    "len(set)": "lambda *a: len(set(a))",
    "math.hypot": "math.hypot",
    "math.prod": "lambda a, b, c: a * b * c",
    "zip": "listed(zip)",
}

LIBRARY: dict[int, dict[str, str]] = {
    1: {**{name: name for name in _ONE}, **_ONE_EXPRESSIONS},
    2: {**{name: name for name in _TWO}, **_TWO_EXPRESSIONS},
    3: _THREE,
}
"""By number of arguments: name to expression."""

COMPOSED: dict[int, dict[str, str]] = {
    1: {
        "len of set": "lambda a: len(set(a))",
        "sorted set": "lambda a: sorted(set(a))",
        "list of set": "lambda a: list(dict.fromkeys(a))",
        "sorted characters": "lambda a: ''.join(sorted(a))",
        "tuple of sorted": "lambda a: tuple(sorted(a))",
        "distinct": "lambda a: len(set(a)) == len(a)",
        "length of str": "lambda a: len(str(a))",
        "sum of digits": "lambda a: sum(map(int, str(abs(a))))",
        "largest minus smallest": "lambda a: max(a) - min(a)",
        "is sorted": "lambda a: list(a) == sorted(a)",
        "is palindrome": "lambda a: a == a[::-1]",
        "first word": "lambda a: a.split()[0]",
        "number of words": "lambda a: len(a.split())",
        "reversed words": "lambda a: ' '.join(a.split()[::-1])",
        "sum of squares": "lambda a: sum(x * x for x in a)",
        "square": "lambda a: a * a",
        "cube": "lambda a: a * a * a",
        "double": "lambda a: a + a if not isinstance(a, (list, str)) or len(a) < 1000 else None",
        "half": "lambda a: a // 2",
        "plus one": "lambda a: a + 1",
        "minus one": "lambda a: a - 1",
        "even": "lambda a: a % 2 == 0",
        "odd": "lambda a: a % 2 == 1",
        "positive": "lambda a: a > 0",
        "length minus one": "lambda a: len(a) - 1",
        "length is even": "lambda a: len(a) % 2 == 0",
        "triangular number": "lambda a: a * (a + 1) // 2",
        "evens": "lambda a: [x for x in a if x % 2 == 0]",
        "odds": "lambda a: [x for x in a if x % 2]",
        "second largest": "lambda a: sorted(set(a))[-2]",
        "without first": "lambda a: a[1:]",
        "without last": "lambda a: a[:-1]",
        "every second": "lambda a: a[::2]",
        "flattened": "lambda a: [y for x in a for y in (x if isinstance(x, (list, tuple)) else [x])]",
        "length of last word": "lambda a: len(a.split()[-1]) if a.split() else 0",
        "number of letters": "lambda a: sum(c.isalpha() for c in a)",
        "number of small letters": "lambda a: sum(c.islower() for c in a)",
        "joined without vowels": "lambda a: ''.join(c for x in a for c in x if c.lower() not in 'aeiou')",
        "joined and stripped": "lambda a: ''.join(a).strip()",
        "joined in small letters": "lambda a: ''.join(a).lower()",
        "run lengths": "lambda a: ''.join(k + str(n) * (n > 1) for k, g in itertools.groupby(a) "
        "for n in [len(list(g))])",
        "binary digits": "lambda a: bin(a)[2:]",
    },
    2: {
        "abs difference": "lambda a, b: abs(a - b)",
        "divides": "lambda a, b: a % b == 0",
        "mean": "lambda a, b: (a + b) / 2",
        "first n": "lambda a, b: a[:b]",
        "last n": "lambda a, b: a[-b:]",
        "from n": "lambda a, b: a[b:]",
        "rotated": "lambda a, b: a[b:] + a[:b]",
        "rotated back": "lambda a, b: a[-b:] + a[:-b]",
        "without item": "lambda a, b: [x for x in a if x != b]",
        "without character": "lambda a, b: a.replace(b, '')",
        "items in common": "lambda a, b: [x for x in a if x in b]",
        "items not in common": "lambda a, b: [x for x in a if x not in b]",
        "sorted common": "lambda a, b: sorted(set(a) & set(b))",
        "sorted union": "lambda a, b: sorted(set(a) | set(b))",
        "same multiset": "lambda a, b: sorted(a) == sorted(b)",
        "same set": "lambda a, b: set(a) == set(b)",
        "same length": "lambda a, b: len(a) == len(b)",
        "longer": "lambda a, b: a if len(a) > len(b) else b",
        "nth smallest": "lambda a, b: sorted(a)[b - 1]",
        "nth largest": "lambda a, b: sorted(a)[-b]",
        "nth item": "lambda a, b: a[b - 1]",
        "greater items": "lambda a, b: [x for x in a if x > b]",
        "smaller items": "lambda a, b: [x for x in a if x < b]",
        "all greater": "lambda a, b: all(x > b for x in a)",
        "all smaller": "lambda a, b: all(x < b for x in a)",
        "sum of n": "lambda a, b: sum(a[:b])",
        "half product": "lambda a, b: a * b / 2",
        "product minus sum": "lambda a, b: a * b - a - b",
    },
    3: {},
}
"""Likewise, of what takes a line to write: simple, but no function of the library."""


def library_for(arguments: int) -> list[tuple[str, str, str]]:
    """Return the functions for a number of arguments, those of two also with the arguments exchanged.

    Returns
    -------
    list of (kind, name, expression)
        Kind is ``"library"`` or ``"simple"``; a name may come twice.
    """
    found = [("library", name, text) for name, text in LIBRARY.get(arguments, {}).items()]
    found += [("simple", name, text) for name, text in COMPOSED.get(arguments, {}).items()]
    if arguments == 2:
        found += [(kind, name, f"(lambda f: lambda a, b: f(b, a))({text})") for kind, name, text in found]
    return found
