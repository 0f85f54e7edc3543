"""The Kaplan-Yorke dimension of an attractor."""

from __future__ import annotations

import numpy as np

from chaosdata.types import Estimate


def kaplan_yorke_dimension(spectrum: Estimate) -> Estimate:
    """The Kaplan-Yorke (Lyapunov) dimension ``k + (l_1 + ... + l_k)/|l_(k+1)|`` of a Lyapunov spectrum.

    ``k`` is the largest number of leading exponents whose sum is not negative: 0 where the first exponent is
    negative, the dimension of the phase space where the whole sum is not.

    Parameters
    ----------
    spectrum : from :func:`~chaosdata.analysis.lyapunov.lyapunov_spectrum`: (d,) exponents sorted descending.

    Returns
    -------
    Estimate : a scalar; its standard error is propagated to first order, with the covariance of the exponents
    where the spectrum has one, and as if they were independent where not.

    Reference: Kaplan, Yorke (1979). Chaotic behavior of multidimensional difference equations. Lecture Notes
    in Mathematics 730, 204-227.
    """
    exponents = spectrum.value
    d = len(exponents)
    sums = np.cumsum(exponents)
    k = int(np.count_nonzero(np.cumprod(sums >= 0)))
    gradient = np.zeros(d)
    if k == 0 or k == d:
        dimension = float(k)
    else:
        next_size = abs(exponents[k])
        dimension = k + sums[k - 1] / next_size
        gradient[:k] = 1.0 / next_size
        gradient[k] = sums[k - 1] / next_size**2
    covariance = spectrum.covariance
    if covariance is None:
        covariance = np.diag(spectrum.standard_error**2)
    # An exponent of -inf has no error, and none is needed.
    covariance = np.where((gradient[:, None] != 0) & (gradient[None, :] != 0), covariance, 0.0)
    variance = (gradient[:, None] * covariance * gradient[None, :]).sum()
    return Estimate(
        value=np.array(dimension),
        standard_error=np.sqrt(np.maximum(variance, 0.0)),
        method="Kaplan-Yorke formula on the Lyapunov spectrum, error propagated to first order "
        "(Kaplan, Yorke 1979)",
        settings=dict(spectrum.settings),
    )
