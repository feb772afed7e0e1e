"""Latin hypercubes in which no two dimensions are much correlated by rank.

Of 256 points in 73 dimensions a plain hypercube has rank correlations of up to .2, a scrambled
Sobol' sequence of up to .39; reordered after Iman & Conover (1982) they stay below .1.
"""

from __future__ import annotations

import numpy as np

from govsim.arrays import Floats


def hypercube(points: int, dimensions: int, rng: np.random.Generator) -> Floats:
    """Points [point, dimension] in the unit cube, in a shuffled order.

    Each of `points` equal slices of each dimension holds one of them.

    >>> cube = hypercube(4, 2, np.random.default_rng(1))
    >>> sorted(np.floor(4 * cube[:, 1]).astype(int).tolist())
    [0, 1, 2, 3]
    """
    from scipy.stats import qmc

    drawn = qmc.LatinHypercube(dimensions, rng=rng).random(points)
    return uncorrelated(drawn)[rng.permutation(points)]


def uncorrelated(values: Floats) -> Floats:
    """The same values in each column, reordered so that the ranks of no two columns go together.

    Iman & Conover (1982): normal scores of the ranks are turned by the Cholesky factor of their
    correlation, and each column takes the order of its turned scores. With as many columns as rows
    or more there is no such factor, and the values stay as they are.
    """
    rows, columns = values.shape
    if not 1 < columns < rows:
        return values
    from scipy.special import ndtri

    scores = ndtri((ranks(values) + 1.0) / (rows + 1.0))
    factor = np.linalg.cholesky(np.corrcoef(scores.T))
    turned = np.linalg.solve(factor, scores.T).T
    found: Floats = np.take_along_axis(np.sort(values, axis=0), ranks(turned), axis=0)
    return found


def ranks(values: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """The rank of each value in its column, from 0; equal values in their order."""
    order = np.argsort(values, axis=0, kind="stable")
    return np.argsort(order, axis=0, kind="stable")


def rank_correlations(values: Floats) -> Floats:
    """Spearman's correlations [column, column]; 0 of a column that is constant.

    Equal values have their mean rank.
    """
    from scipy.stats import rankdata

    centred = rankdata(values, axis=0)
    centred -= centred.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    scaled = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    found: Floats = scaled.T @ scaled
    return found
