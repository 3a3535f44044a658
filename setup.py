"""
What setup.cfg cannot say: the inner loops of the lexical leg are compiled where there is a C compiler. Where there is
none, or Python's headers are missing, the package is installed without them and computes the same in Python and numpy.
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            f"searcher.index.lexical.{name}",
            [f"searcher/index/lexical/{name}.c"],
            depends=["searcher/index/lexical/_parts.h", "searcher/index/lexical/_postings.h"],
            # No multiplication and addition as one: both ways of computing give the same to the last bit.
            extra_compile_args=["-O3", "-ffp-contract=off"],
            optional=True,
        )
        for name in ("_best", "_loops", "_matching", "_words")
    ]
)
