"""How sure a counted rate is: Clopper-Pearson intervals and the rule of three. Pure arithmetic.

Sources: Clopper and Pearson, Biometrika 26 (1934); ISO/IEC 19795-1 annex B (rule of 3, rule of 30).
"""

from math import exp, lgamma, log, log1p

CONFIDENCE = 0.95
_TINY = 1e-300
_SETTLED = 1e-15


def clopper_pearson(errors: int, n: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Two-sided interval of n >= 1: each end leaves out half of what is not in the confidence."""
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if errors == 0 else beta_quantile(tail, errors, n - errors + 1)
    high = 1.0 if errors == n else beta_quantile(1.0 - tail, errors + 1, n - errors)
    return low, high


def upper_bound(errors: int, n: int, *, confidence: float = CONFIDENCE) -> float:
    """One-sided Clopper-Pearson bound; for no errors it is 1 - (1 - confidence)^(1/n)."""
    return 1.0 if errors == n else beta_quantile(confidence, errors + 1, n - errors)


def rule_of_three(n: int) -> float:
    """Bound an error rate, with 95 % confidence, when `n` trials brought no error."""
    return min(1.0, 3.0 / n)


def beta_quantile(share: float, a: float, b: float) -> float:
    """Return x with I_x(a, b) = share, to the last bit that bisection can tell apart."""
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2.0
        if middle in {low, high}:
            return middle
        if _beta_share(middle, a, b) < share:
            low = middle
        else:
            high = middle


def _beta_share(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function I_x(a, b), 0 < x < 1 (DLMF 8.17.22)."""
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Work out the continued fraction of the incomplete beta function by Lentz's method."""
    c, d = 1.0, 1.0 / _off_zero(1.0 - (a + b) * x / (a + 1.0))
    value, m = d, 0
    while True:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / _off_zero(1.0 + term * d)
            c = _off_zero(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < _SETTLED:
            return value


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
