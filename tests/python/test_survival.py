"""Kaplan-Meier curves in plain Python give what is published; test_retention_marts.py holds survival_curves to them."""

from __future__ import annotations

import pytest
from oracle import survival

# Weeks in remission of the 21 children who had 6-mercaptopurine: Freireich et al., Blood 21 (1963), 699-716. A plus: still
# in remission.
FREIREICH = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
# Estimates and Greenwood's standard errors: Klein and Moeschberger, Survival Analysis (2nd edition, 2003), table 4.1B. Their
# log-log intervals: R's survfit, as printed in R. Xu's lectures (math.ucsd.edu/~rxu/math284/slect2.pdf, page 27).
PUBLISHED = {
    6: (0.8571, 0.076, 0.6197180, 0.9515517),
    7: (0.8067, 0.087, 0.5631466, 0.9228090),
    10: (0.7529, 0.096, 0.5031995, 0.8893618),
    13: (0.6902, 0.107, 0.4316102, 0.8490660),
    16: (0.6275, 0.114, 0.3675109, 0.8049122),
    22: (0.5378, 0.128, 0.2677789, 0.7467907),
    23: (0.4482, 0.135, 0.1880520, 0.6801426),
}


def test_the_reference_gives_the_published_curve() -> None:
    observed = [(int(time.rstrip("+")), not time.endswith("+")) for time in FREIREICH.split()]
    found = survival.curve(observed)
    assert [(day, point.at_risk, point.events) for day, point in found.items() if point.events] == [
        *((6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1)),
    ]
    for day, (rate, error, lower, upper) in PUBLISHED.items():
        point = found[day]
        assert point.survival == pytest.approx(rate, abs=0.0001)
        assert point.standard_error == pytest.approx(error, abs=0.001)
        assert (point.lower, point.upper) == pytest.approx((lower, upper), abs=1e-7)
