"""
What setup.cfg cannot say: the inner loops of scoring are compiled where there is a C compiler. Where there is none, or
Python's headers are missing, the package is installed without them and computes the same in numpy.
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "searcher.index.lexical._loops",
            ["searcher/index/lexical/_loops.c"],
            # No multiplication and addition as one: both ways of computing give the same to the last bit.
            extra_compile_args=["-O3", "-ffp-contract=off"],
            optional=True,
        )
    ]
)
